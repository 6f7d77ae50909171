-- Notes what is stored, and trims. May run out of memory: trimming is what frees it.
--
--   ARGV[3]  the settlement: upto, then rooms and their W, voids, halted rooms, each behind their number
--   ARGV[4]  so many settled ops are kept, at most; ARGV[5] so many bytes of them
--
-- Answers 'lost'; or 'ok', up to where all is settled, whether this call made it so, and when. Said again, it only trims.
local TRIM, CHUNK = 1024, 128

local state = read_state()
if not state then return {'lost'} end
local upto, at = struct.unpack('>I8', ARGV[3])
if upto > state.n then return {'lost'} end
if upto < state.up then return {'ok', state.up, 0, 0} end
local keep_ops, keep_bytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local news = upto > state.up
local rooms = {}

local function room_of(name)
    rooms[name] = rooms[name] or read_room(name)
    return rooms[name]
end

local function count()
    local many
    many, at = struct.unpack('>I4', ARGV[3], at)
    return many
end

local function n_of(entry)
    return tonumber(entry[1]:match('-(%d+)$'))
end

local function header_of(entry)
    local fields = entry[2]
    return fields[1] == 'p' and fields[2]
end

-- What becomes settled weighs no more. Gives the changes by room and seq.
local function free()
    local changes = {}
    local from = state.up + 1
    while from <= upto do
        local entries = redis.call('XRANGE', LOG, id(from), id(upto), 'COUNT', CHUNK)
        if #entries == 0 then break end
        for _, entry in ipairs(entries) do
            local header = header_of(entry)
            if header then
                local name, change, seq, _, weight = struct.unpack(HEADER, header)
                local r = room_of(name)
                r.bytes = r.bytes - weight
                state.ops = state.ops - 1
                state.bytes = state.bytes - weight
                changes[name .. struct.pack('>I8', seq)] = change
            end
        end
        from = n_of(entries[#entries]) + 1
    end
    return changes
end

local function settle()
    local now = clock_ms()
    local changes = free()
    for _ = 1, count() do
        local name, w
        name, w, at = struct.unpack('>c16I8', ARGV[3], at)
        local r = room_of(name)
        if r and w > r.w then
            r.w = w
            r.moved = now
        end
    end
    for _ = 1, count() do
        local where, code, duplicate_of
        where, code, duplicate_of, at = struct.unpack('>c24I2I8', ARGV[3], at)
        local place = changes[where] and redis.call('HGET', PLACES, changes[where])
        if place then
            local name, seq, hash, time = struct.unpack(PLACE, place)
            redis.call('HSET', PLACES, changes[where], struct.pack(PLACE, name, seq, hash, time, 0, code, duplicate_of))
        end
    end
    for _ = 1, count() do
        local name
        name, at = struct.unpack('>c16', ARGV[3], at)
        if room_of(name) then room_of(name).halted = 1 end
    end
    state.up = upto
    state.settled = now
end

-- The oldest entries that are settled and more than are to be kept.
local function trim()
    local oldest = state.placed - state.ops - keep_ops
    local last, trimmed, from = nil, 0, '-'
    while trimmed < TRIM do
        local entries = redis.call('XRANGE', LOG, from, id(state.up), 'COUNT', CHUNK)
        if #entries == 0 then break end
        local gone = {}
        for _, entry in ipairs(entries) do
            local header = header_of(entry)
            if header then
                local name, change, seq, number, weight = struct.unpack(HEADER, header)
                if trimmed >= TRIM or (number > oldest and state.kept - state.bytes <= keep_bytes) then
                    trimmed = TRIM
                    break
                end
                gone[#gone + 1] = change
                room_of(name).t = seq
                state.kept = state.kept - weight
            end
            last = n_of(entry)
            trimmed = trimmed + 1
        end
        if #gone > 0 then redis.call('HDEL', PLACES, unpack(gone)) end
        from = '(' .. entries[#entries][1]
    end
    if last then redis.call('XTRIM', LOG, 'MINID', id(last + 1)) end
end

if news then settle() end
trim()
if news then
    state.n = state.n + 1
    redis.call('XADD', LOG, 'NOMKSTREAM', id(state.n), 's', ARGV[3])
end
write_state(state, rooms)
return {'ok', state.up, news and 1 or 0, state.settled}
