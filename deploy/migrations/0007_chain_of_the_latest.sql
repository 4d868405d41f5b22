-- The last line of an event is what its row shows: a final that comes to be again as it was before (the same passage
-- made three times, two of them alike) gets a further line. So a row that was put back can be told from it.
ALTER TABLE chain DROP CONSTRAINT chain_event_id_content_key;
CREATE INDEX chain_of_event ON chain (event_id, number);

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
    INSERT INTO chain (camera, number, event_id, content, previous, link)
        VALUES (at_camera, coalesce(before.number, 0) + 1, which, event_content, hangs_on,
                sha256(hangs_on || event_content));
END $$;
