-- How an environment's workers write values, where that is set; null for as in its base. (Beside
-- what was imported: this is a person's setting.)
CREATE TABLE encodings (
    environment INTEGER PRIMARY KEY REFERENCES environments (id) ON DELETE CASCADE,
    threshold   INTEGER CHECK (threshold >= 0), -- the longest JSON, in bytes, that is no blob
    numbers     TEXT CHECK (numbers IN ('roundTrip', 'asSent'))
) STRICT;
