-- New lines hash the id of their event into their link: that of another event, written into a line, shows. Lines of
-- before stay as they are, in the form in which they were made (contracts/chain.py).
ALTER TABLE chain ADD COLUMN form smallint NOT NULL DEFAULT 1 CHECK (form IN (1, 2));
ALTER TABLE chain ALTER COLUMN form DROP DEFAULT;
COMMENT ON COLUMN chain.form IS '1: link = SHA-256(previous || content), 2: SHA-256(previous || content || event_id)';

CREATE OR REPLACE FUNCTION add_to_chain(at_camera text, which uuid, event_content bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before chain%ROWTYPE;
    hangs_on bytea;
BEGIN
    IF event_content = (SELECT content FROM chain WHERE event_id = which ORDER BY number DESC LIMIT 1) THEN
        RETURN;
    END IF;
    SELECT * INTO before FROM chain WHERE camera = at_camera ORDER BY number DESC LIMIT 1;
    hangs_on := coalesce(before.link, sha256(convert_to(at_camera, 'UTF8')));
    INSERT INTO chain (camera, number, event_id, content, previous, form, link)
        VALUES (at_camera, coalesce(before.number, 0) + 1, which, event_content, hangs_on, 2,
                sha256(hangs_on || event_content || uuid_send(which)));
END $$;
