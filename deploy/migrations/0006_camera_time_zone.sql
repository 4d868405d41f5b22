-- The time zone of a camera's place, as the camera file names it (IANA): its times are shown in it. NULL: not told.
ALTER TABLE cameras ADD COLUMN time_zone text;
