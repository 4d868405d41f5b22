-- Two roles with no more rights than their process needs. They cannot log in by themselves: give them to a
-- login role (`GRANT platestream_writer TO rows_login`), or let a superuser take one for a connection with
-- `?options=-c%20role%3Dplatestream_portal` at the end of its address.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['platestream_writer', 'platestream_portal'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            END IF;
        EXCEPTION
            -- Another database of this server made it in the same moment.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO platestream_writer, platestream_portal;

-- The rows stage: writes passages, cameras, coverage. It reads no uploads and no audit, and deletes nothing.
GRANT SELECT, INSERT, UPDATE ON passages, cameras, coverage TO platestream_writer;
GRANT USAGE, SELECT ON SEQUENCE passage_changes TO platestream_writer;
GRANT EXECUTE ON FUNCTION ensure_passage_partitions(date, date) TO platestream_writer;

-- The portal: reads what is shown, writes uploads and audit lines. All columns of passages but the sealed ones.
GRANT SELECT ON cameras, coverage, coverage_minutes TO platestream_portal;
GRANT SELECT, INSERT, UPDATE ON uploads TO platestream_portal;
GRANT SELECT, INSERT ON looks TO platestream_portal;
GRANT EXECUTE ON FUNCTION look_at_owner(uuid, text, text, text[], text) TO platestream_portal;
DO $$
DECLARE
    columns text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute
    WHERE attrelid = 'passages'::regclass AND attnum > 0 AND NOT attisdropped
          AND attname NOT IN ('sealed_key_id', 'sealed_personal');
    EXECUTE format('GRANT SELECT (%s) ON passages TO platestream_portal', columns);
END $$;
