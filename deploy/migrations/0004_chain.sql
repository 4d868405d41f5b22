-- The chain of finals (contracts/chain.py): one line for every final that a row ever showed, never changed.

CREATE TABLE chain (
    camera     text        NOT NULL,
    number     bigint      NOT NULL,   -- 1, 2, 3 ... at each camera
    event_id   uuid        NOT NULL,
    content    bytea       NOT NULL,   -- SHA-256 of the event
    previous   bytea       NOT NULL,   -- link of number - 1; SHA-256 of the camera's id before the first
    link       bytea       NOT NULL,   -- SHA-256(previous || content)
    stored_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (camera, number),
    UNIQUE (event_id, content)
);

CREATE TRIGGER chain_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Adds an event at the end of its camera's chain; one that is in it already stays where it is. Writers take
-- turns (an advisory lock of the rows stage), and the primary key refuses two ends.
CREATE FUNCTION add_to_chain(at_camera text, which uuid, event_content bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    before chain%ROWTYPE;
    hangs_on bytea;
BEGIN
    IF EXISTS (SELECT FROM chain WHERE event_id = which AND content = event_content) THEN
        RETURN;
    END IF;
    SELECT * INTO before FROM chain WHERE camera = at_camera ORDER BY number DESC LIMIT 1;
    hangs_on := coalesce(before.link, sha256(convert_to(at_camera, 'UTF8')));
    INSERT INTO chain (camera, number, event_id, content, previous, link)
        VALUES (at_camera, coalesce(before.number, 0) + 1, which, event_content, hangs_on,
                sha256(hangs_on || event_content));
END $$;
REVOKE EXECUTE ON FUNCTION add_to_chain(text, uuid, bytea) FROM PUBLIC;
REVOKE ALL ON chain FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_to_chain(text, uuid, bytea) TO platestream_writer;
GRANT SELECT ON chain TO platestream_portal;
