-- Stands before each of the scripts.
--
--   KEYS[1]  hash    e epoch, n last entry, up settled up to; of this epoch: placed ops, ops and bytes that are not settled,
--                    kept bytes in the stream, rooms, settled (when); and each room under its 16 bytes
--   KEYS[2]  hash    author and op -> what stands there, as long as the entry is in the stream
--   KEYS[3]  stream  <epoch>-<n>; p an op's header and b its event, s a settlement, e the beginning
--   ARGV[1], ARGV[2] the epoch and the incarnation that the caller means
--
-- A room is h head, w watermark, f fence, t low end of the window, bytes not settled, moved (when), halted.
local STATE, PLACES, LOG = KEYS[1], KEYS[2], KEYS[3]
local ROOM = '>I8I8I8I8I8I8B'
local HEADER = '>c16c32I8I8I4c8B'            -- room, change, seq, how many ops were placed up to this one, weight, hash, fences
local PLACE = '>c16I8c8I8BI2I8'              -- room, seq, hash, time, kind, code, duplicate of

local function incarnation()
    local run = redis.call('INFO', 'server'):match('run_id:(%x+)')
    return run .. redis.call('INFO', 'replication'):match('master_replid:(%x+)')
end

local function id(n)
    return string.format('%s-%.0f', ARGV[1], n)
end

local function clock_ms()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function pack_room(r)
    return struct.pack(ROOM, r.h, r.w, r.f, r.t, r.bytes, r.moved, r.halted)
end

local function read_room(name)
    local packed = redis.call('HGET', STATE, name)
    if not packed then return nil end
    local r = {}
    r.h, r.w, r.f, r.t, r.bytes, r.moved, r.halted = struct.unpack(ROOM, packed)
    return r
end

-- The numbers of the epoch; nothing if it is not the caller's.
local function read_state()
    local s = redis.call('HMGET', STATE, 'e', 'n', 'up', 'placed', 'ops', 'bytes', 'kept', 'rooms', 'settled')
    if s[1] ~= ARGV[1] or incarnation() ~= ARGV[2] then return nil end
    return {n = tonumber(s[2]), up = tonumber(s[3]), placed = tonumber(s[4]), ops = tonumber(s[5]), bytes = tonumber(s[6]),
            kept = tonumber(s[7]), rooms = tonumber(s[8]), settled = tonumber(s[9])}
end

local function write_state(state, rooms)
    local all = {}
    for name, value in pairs(state) do
        all[#all + 1] = name
        all[#all + 1] = string.format('%.0f', value)
    end
    for name, r in pairs(rooms) do
        all[#all + 1] = name
        all[#all + 1] = pack_room(r)
        if #all >= 4000 then
            redis.call('HSET', STATE, unpack(all))
            all = {}
        end
    end
    if #all > 0 then redis.call('HSET', STATE, unpack(all)) end
end
