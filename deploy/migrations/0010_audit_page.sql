-- The page of the audit: the lines of one person, and those that have to do with a plate.

-- The plate of a search as its line holds it (`plate=MH12*&camera=gate`). Not STRICT: so it is inlined.
CREATE FUNCTION searched_plate(query text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN nullif(split_part(split_part('&' || query, '&plate=', 2), '&', 1), '');

CREATE INDEX looks_user_time ON looks (user_name, at DESC);
CREATE INDEX looks_plate ON looks (searched_plate(query) text_pattern_ops) WHERE searched_plate(query) IS NOT NULL;
-- Searches with * or ? may have found a plate that they do not name: each has to be tried.
CREATE INDEX looks_pattern ON looks (searched_plate(query)) WHERE searched_plate(query) ~ '[*?]';
