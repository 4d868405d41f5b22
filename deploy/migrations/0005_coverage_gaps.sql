-- Coverage that adds up: how many frames were expected, why some are missing or were given up, what the
-- camera could see, and by whose clock.
--
-- expected = captured + all gaps; captured = gated + sent + shed, once all frames of the minute are settled.
ALTER TABLE coverage
    ADD COLUMN expected       bigint NOT NULL DEFAULT 0,
    ADD COLUMN gaps           jsonb  NOT NULL DEFAULT '{}',  -- connecting stalled refused off lost -> frames
    ADD COLUMN shed_by        jsonb  NOT NULL DEFAULT '{}',  -- damaged late unreadable undelivered -> frames
    ADD COLUMN scene          text,                          -- ok black blocked blurred frozen glare moved
    ADD COLUMN clock          text,                          -- rtcp | container | host
    ADD COLUMN clock_error_ms integer;

ALTER TABLE cameras
    ADD COLUMN scene          text,
    ADD COLUMN clock          text,
    ADD COLUMN clock_error_ms integer;

-- Adds the numbers of two objects key by key.
CREATE FUNCTION add_by_reason(one jsonb, other jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT coalesce(jsonb_object_agg(key, number), '{}')
            FROM (SELECT key, sum(value::bigint) AS number
                  FROM (SELECT * FROM jsonb_each_text(one) UNION ALL SELECT * FROM jsonb_each_text(other)) AS pairs
                  GROUP BY key) AS summed);
CREATE AGGREGATE sum_by_reason(jsonb) (SFUNC = add_by_reason, STYPE = jsonb, INITCOND = '{}', PARALLEL = SAFE);

CREATE OR REPLACE VIEW coverage_minutes AS
    SELECT camera, minute, sum(captured)::bigint AS captured, sum(gated)::bigint AS gated,
           sum(sent)::bigint AS sent, sum(shed)::bigint AS shed, sum(processed)::bigint AS processed,
           sum(plates)::bigint AS plates, max(lag_ms) AS lag_ms,
           sum(expected)::bigint AS expected, sum_by_reason(gaps) AS gaps, sum_by_reason(shed_by) AS shed_by
    FROM coverage GROUP BY camera, minute;
