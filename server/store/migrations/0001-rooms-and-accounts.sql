-- Ids are 16 bytes, big-endian; times are milliseconds since 1970 UTC; tables point at rooms by their number.

CREATE TABLE meta (
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
) STRICT;

-- How far the process's log is stored. A commit counts only under the epoch that stands here.
CREATE TABLE log (
    part INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    n INTEGER NOT NULL
) STRICT;

CREATE TABLE rooms (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind INTEGER NOT NULL, -- 0: nothing but voids stands there, the room is not created
    name TEXT NOT NULL,
    topic TEXT NOT NULL,
    creator BLOB NOT NULL CHECK (length(creator) = 16),
    head INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    members INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    room INTEGER NOT NULL,
    user BLOB NOT NULL CHECK (length(user) = 16),
    name TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX members_by_user ON members (user, room);
CREATE INDEX members_by_name ON members (room, name, user);

-- The logs of all rooms. A change id stands once under op; a repeat of it is a void that names it under repeats.
CREATE TABLE events (
    no INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    epoch INTEGER NOT NULL CHECK (epoch > 0),
    op BLOB CHECK (length(op) = 16),
    author BLOB NOT NULL CHECK (length(author) = 16),
    author_name TEXT NOT NULL,
    time_ms INTEGER NOT NULL CHECK (time_ms >= 0),
    hash INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 void, 1 create, 2 join, 3 leave, 4 message: its text stands in messages
    code INTEGER NOT NULL,
    duplicate_of INTEGER NOT NULL,
    repeats BLOB CHECK (length(repeats) = 16),
    name TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_place ON events (room, seq);
CREATE UNIQUE INDEX events_by_change ON events (op, author);

CREATE TABLE messages (
    event INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    author BLOB NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_place ON messages (room, seq, author);

CREATE TABLE read_marks (
    user BLOB NOT NULL CHECK (length(user) = 16),
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX read_marks_by_user ON read_marks (user, room);

CREATE TABLE users (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE logins (
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    secret BLOB NOT NULL UNIQUE CHECK (length(secret) = 32),
    user BLOB NOT NULL CHECK (length(user) = 16),
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL -- 0: never
) STRICT;
CREATE INDEX logins_by_user ON logins (user, id);
CREATE INDEX logins_by_end ON logins (expires_ms);

-- For the server to notice what another process has ended.
CREATE TABLE ended_logins (
    no INTEGER PRIMARY KEY,
    login BLOB NOT NULL
) STRICT;

CREATE TABLE invites (
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    secret BLOB NOT NULL UNIQUE CHECK (length(secret) = 32),
    made_by BLOB NOT NULL CHECK (length(made_by) = 16),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_by_end ON invites (expires_ms);

-- What stands in every store from the start: the key of payload hashes, an epoch below all others, and the
-- room that everybody joins, made by the zero user.
INSERT INTO meta VALUES ('payload_key', lower(hex(randomblob(16))));
INSERT INTO log VALUES (0, 1, 0);
INSERT INTO rooms VALUES (
    1, x'000000000001000067656e6572616c00', 1, 'general', '', zeroblob(16), 1, 0, 0
);
INSERT INTO events VALUES (
    1, 1, 1, 1, x'000000000001000067656e6572616c00', zeroblob(16), '',
    CAST(strftime('%s', 'now') AS INTEGER) * 1000, 0, 1, 0, 0, NULL, 'general', ''
);
