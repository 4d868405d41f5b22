-- Partitions ahead of time, an audit that cannot be edited, and owner data only with an audit line.

-- Weekly partitions of `passages` from the week of `first_day` to the week of `last_day`; returns how many
-- were made. Rows that waited in the DEFAULT partition move into theirs. Repeating it changes nothing.
CREATE FUNCTION ensure_passage_partitions(first_day date, last_day date) RETURNS integer
    LANGUAGE plpgsql
    -- The owner's rights: the writer may call it without owning the tables.
    SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    week date;
    name text;
    starts timestamptz;
    ends timestamptz;
    made integer := 0;
BEGIN
    IF last_day - first_day > 3700 THEN
        RAISE EXCEPTION 'partitions for % to % are too many', first_day, last_day;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('platestream passages partitions'));
    FOR week IN SELECT generate_series(date_trunc('week', first_day::timestamp),
                                       last_day::timestamp, interval '1 week')::date LOOP
        name := 'passages_' || to_char(week, 'YYYYMMDD');
        IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
            CONTINUE;
        END IF;
        starts := week::timestamp AT TIME ZONE 'UTC';
        ends := (week + 7)::timestamp AT TIME ZONE 'UTC';
        -- A new partition is refused while DEFAULT holds rows of its range: move them first.
        LOCK TABLE passages_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE passages INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)',
                       name);
        PERFORM move_from_default(name, starts, ends);
        EXECUTE format('ALTER TABLE passages ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Moves rows of [starts, ends) from the DEFAULT partition to a table of the same columns.
CREATE FUNCTION move_from_default(target text, starts timestamptz, ends timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    columns text;
BEGIN
    -- Generated columns cannot be given values; they are computed again.
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute
    WHERE attrelid = 'passages'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format(
        'WITH moved AS (DELETE FROM passages_default WHERE captured_at >= %L AND captured_at < %L RETURNING %s) '
        'INSERT INTO %I (%s) SELECT %s FROM moved', starts, ends, columns, target, columns, columns);
END $$;

SELECT ensure_passage_partitions(current_date - 7, current_date + 28);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a record: its lines are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER looks_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON looks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The sealed owner data of a passage; the audit line is written in the same transaction, so there is no
-- look without one (the caller commits before it shows anything). No row: no such passage or no owner data.
CREATE FUNCTION look_at_owner(which uuid, who text, why text, what text[], address text DEFAULT NULL)
    RETURNS TABLE (registration text, key_id text, sealed bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF coalesce(btrim(who), '') = '' OR coalesce(btrim(why), '') = '' THEN
        RAISE EXCEPTION 'a look at owner data needs a user and a reason' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO looks (user_name, action, event_id, reason, fields, from_address)
        VALUES (who, 'owner', which, why, what, address);
    RETURN QUERY SELECT p.text, p.sealed_key_id, p.sealed_personal
        FROM passages p WHERE p.event_id = which AND p.sealed_personal IS NOT NULL;
END $$;
REVOKE EXECUTE ON FUNCTION look_at_owner(uuid, text, text, text[], text) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION ensure_passage_partitions(date, date) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION move_from_default(text, timestamptz, timestamptz) FROM PUBLIC;
