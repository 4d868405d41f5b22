-- The schema that the rows stage writes and the portal reads.
--
-- passages   one row a passage of a vehicle at a camera (or an upload); preview, then final, in place
-- cameras    every camera that ever reported, with the last that was heard of it
-- coverage   per camera, minute, stage and instance: how well it was looked at
-- uploads    pictures that people uploaded; written by the portal alone
-- looks      who looked at what and why; nobody can change or delete a line
--
-- Times are UTC. Texts of plates are normalised (capitals and digits, nothing else).

CREATE SEQUENCE passage_changes AS bigint;

-- Three-letter pieces of a plate, for searches with a * at both ends: `grams @> ARRAY['2AB','AB1']` finds
-- what may hold 2AB1, `text LIKE '%2AB1%'` decides. Core PostgreSQL only: no pg_trgm on every server.
CREATE FUNCTION plate_grams(plate text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(SELECT DISTINCT substr(plate, i, 3) FROM generate_series(1, length(plate) - 2) AS i ORDER BY 1);

-- Which of two answers to the same question knows more. Lower loses against higher.
CREATE FUNCTION registry_rank(status text) RETURNS smallint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE status WHEN 'pending' THEN 0 WHEN 'unavailable' THEN 1 WHEN 'skipped' THEN 2
                       WHEN 'invalid' THEN 3 WHEN 'not-found' THEN 4 ELSE 5 END;

CREATE TABLE passages (
    event_id          uuid        NOT NULL,
    -- The first capture time of the passage. It is part of the key because PostgreSQL wants the partition
    -- key there, and it never changes between preview and final, so a passage is one row.
    captured_at       timestamptz NOT NULL,
    best_captured_at  timestamptz NOT NULL,   -- time of the frame that was read best
    last_captured_at  timestamptz NOT NULL,
    clock             text        NOT NULL,   -- rtcp | container | host: whose clock the three are by
    processed_at      timestamptz NOT NULL,   -- when `plates` wrote the event
    enriched_at       timestamptz NOT NULL,   -- when `enriched` wrote it
    stored_at         timestamptz NOT NULL DEFAULT clock_timestamp(),  -- first row of this passage
    changed_at        timestamptz NOT NULL DEFAULT clock_timestamp(),  -- last change of it
    -- Grows with every change of any row: a live board that was away asks for `change > last seen`.
    change            bigint      NOT NULL DEFAULT nextval('passage_changes'),

    state             text        NOT NULL CHECK (state IN ('preview', 'final')),
    revision          integer     NOT NULL,
    camera            text        NOT NULL,   -- `upload-<id>` for an upload
    place             text,
    direction         text,
    origin            text        NOT NULL CHECK (origin IN ('live', 'file', 'upload')),
    epoch             text        NOT NULL,

    -- The reading. All NULL when no plate was found.
    text              text,                   -- the number, normalised
    text_reversed     text GENERATED ALWAYS AS (reverse(text)) STORED,      -- for `*1234`
    grams             text[] GENERATED ALWAYS AS (plate_grams(text)) STORED, -- for `*B12*`
    text_read         text,                   -- the most probable characters as they stand
    confidence        double precision,       -- calibrated probability that `text` is right
    accepted          boolean,
    series            text,                   -- standard, delhi, bharat, ... unknown
    format_state      text,
    format_rto        text,
    format_valid      boolean,
    lines             smallint,
    plate_colour      text,
    -- [{"character","confidence","xyxy":[x0,y0,x1,y1],"line","probabilities":{..}}], pixels of the frame
    characters        jsonb,
    -- [{"text","probability"}], most probable first
    candidates        jsonb,
    candidate_texts   text[],                 -- their texts: `candidate_texts @> ARRAY['MH12AB1234']`
    -- [{"M":0.95,"N":0.03},{..}], one object a character place, small probabilities left out
    posterior         jsonb,
    corners           jsonb,                  -- [[x,y] x 4] from top-left clockwise, pixels of the frame

    vehicle_class     text,
    vehicle_confidence double precision,
    vehicle_xyxy      jsonb,                  -- [x0,y0,x1,y1], pixels of the frame
    frames            integer     NOT NULL,
    reads             integer     NOT NULL,
    agreement         double precision NOT NULL,
    models            jsonb       NOT NULL,   -- [{"name","version","sha256"}]

    -- Evidence: keys in the object store with the SHA-256 of the bytes. NULL: not stored (yet).
    frame_key         text,
    frame_sha256      text,
    frame_width       integer,
    frame_height      integer,
    vehicle_key       text,
    vehicle_sha256    text,
    vehicle_width     integer,
    vehicle_height    integer,
    plate_key         text,
    plate_sha256      text,
    plate_width       integer,
    plate_height      integer,
    frame_position    jsonb,                  -- {"topic","partition","offset"} in Kafka

    -- The registry's answer.
    registry_status   text        NOT NULL,   -- found not-found invalid skipped pending unavailable
    registry_provider text        NOT NULL,
    registry_simulated boolean    NOT NULL,   -- true: show it, the owner is invented
    registry_asked_at timestamptz,
    registry_reason   text,
    -- {"make","model","vehicle_class","fuel","colour","registered_on","registered_at","fitness_upto",
    --  "insurance_upto","status","blacklisted"}; a field may be null
    vehicle_record    jsonb,
    owner_masked      text,
    -- Owner, address, mobile, chassis, engine: AES-GCM by contracts.sealing, bound to `text`.
    -- The portal cannot select these two: it calls look_at_owner(), which writes the audit line.
    sealed_key_id     text,
    sealed_personal   bytea,

    event             jsonb       NOT NULL,   -- the event of the topic `plates` as it came, no personal data
    PRIMARY KEY (event_id, captured_at)
) PARTITION BY RANGE (captured_at);

CREATE TABLE passages_default PARTITION OF passages DEFAULT;

CREATE INDEX passages_time ON passages (captured_at DESC);
CREATE INDEX passages_camera_time ON passages (camera, captured_at DESC);
CREATE INDEX passages_change ON passages (change);
CREATE INDEX passages_text ON passages (text text_pattern_ops, captured_at DESC);
CREATE INDEX passages_text_reversed ON passages (text_reversed text_pattern_ops);
CREATE INDEX passages_grams ON passages USING gin (grams);
CREATE INDEX passages_candidates ON passages USING gin (candidate_texts);
-- What the enrichment is asked to try again.
CREATE INDEX passages_unanswered ON passages (registry_asked_at) WHERE registry_status IN ('pending', 'unavailable');

CREATE TABLE cameras (
    id               text PRIMARY KEY,
    place            text,
    first_seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_frame_at    timestamptz,             -- last time it was known to give frames
    last_passage_at  timestamptz,             -- capture time of its latest passage
    last_frame_key   text,                    -- that passage's frame in the object store
    last_report_at   timestamptz,             -- when ingest last said something about it
    state            text,                    -- connecting live stalled refused off
    note             text
);

CREATE TABLE coverage (
    camera    text        NOT NULL,
    minute    timestamptz NOT NULL,
    stage     text        NOT NULL,           -- ingest | sightings
    instance  text        NOT NULL,
    captured  bigint NOT NULL,
    gated     bigint NOT NULL,
    sent      bigint NOT NULL,
    shed      bigint NOT NULL,
    processed bigint NOT NULL,
    plates    bigint NOT NULL,
    lag_ms    bigint NOT NULL,
    state     text,
    note      text,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (camera, minute, stage, instance)
);
CREATE INDEX coverage_minute ON coverage (minute);

-- What people read: one line a camera and minute. `captured` a minute is the camera's frames a minute.
CREATE VIEW coverage_minutes AS
    SELECT camera, minute, sum(captured)::bigint AS captured, sum(gated)::bigint AS gated,
           sum(sent)::bigint AS sent, sum(shed)::bigint AS shed, sum(processed)::bigint AS processed,
           sum(plates)::bigint AS plates, max(lag_ms) AS lag_ms
    FROM coverage GROUP BY camera, minute;

CREATE TABLE uploads (
    id          uuid PRIMARY KEY,             -- its passage: SELECT .. FROM passages WHERE camera = 'upload-' || id
    user_name   text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    object_key  text        NOT NULL,
    sha256      text        NOT NULL,
    bytes       bigint      NOT NULL,
    width       integer     NOT NULL,
    height      integer     NOT NULL,
    file_name   text,
    frame_position jsonb,                     -- {"topic","partition","offset"} once it was sent
    status      text        NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'sent', 'done', 'failed')),
    error       text
);
CREATE INDEX uploads_user_time ON uploads (user_name, created_at DESC);

CREATE TABLE looks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_name    text        NOT NULL,
    action       text        NOT NULL,        -- search, passage, picture, owner, upload, export, sign-in ...
    event_id     uuid,
    query        text,                        -- what was searched for
    reason       text,                        -- why; owner data needs one
    fields       text[]      NOT NULL DEFAULT '{}',  -- personal fields that were shown unmasked
    from_address text
);
CREATE INDEX looks_time ON looks (at DESC);
CREATE INDEX looks_event ON looks (event_id) WHERE event_id IS NOT NULL;
