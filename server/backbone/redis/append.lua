-- Judges ops in the order in which they are given; server/backbone/sequencer.hpp has the rules.
--
--   ARGV[3]  the last entry that the caller has read: a log that ends before it has lost something
--   ARGV[4]  the limits
--   ARGV[5]… for each op a header and its event
--
-- Answers 'lost'; or 'ok' ('full': a place was refused for want of memory), the time by which it judged, and for each op a
-- byte, its judgement, followed by what stands there.
local ITEM = '>c16c16c16c16I8c8I8I8I4I8BI2B'
local PLACED, DUPLICATE, CONFLICT, ASK, AFTER, STALE, BUSY, SKIPPED = 0, 1, 2, 3, 4, 5, 6, 7

local state = read_state()
if not state or state.n < tonumber(ARGV[3]) then return {'lost'} end
local now = clock_ms()
local room_ops, room_bytes, room_ms, all_ops, all_bytes, rooms_most = struct.unpack('>I8I8I8I8I8I8', ARGV[4])
local rooms, changed, stopped = {}, {}, {}
local status = 'ok'

local function repeated(op, place)
    local room, _, hash, _, kind = struct.unpack(PLACE, place)
    local same = room == op.room and (kind == 0 or op.kind == 0 or hash == op.hash)
    return string.char(same and DUPLICATE or CONFLICT) .. place:sub(17)
end

local function room_of(op)
    local r = rooms[op.room]
    if not r then
        r = read_room(op.room) or
            {h = op.base, w = op.base, f = op.fence, t = op.base, bytes = 0, moved = 0, halted = 0, fresh = true}
        rooms[op.room] = r
    end
    return r
end

local function at_bound(op, r)
    return r.halted ~= 0 or r.h - r.w >= room_ops or r.bytes + op.weight > room_bytes or state.ops >= all_ops or
        state.bytes + op.weight > all_bytes or (r.h > r.w and now - math.max(r.moved, state.settled) > room_ms)
end

local function obstacle(op, r)
    if op.since < r.t then return ASK end
    if op.after ~= string.rep('\0', 16) then
        local before = redis.call('HGET', PLACES, op.author .. op.after)
        if not before or before:sub(1, 16) ~= op.room then return AFTER end
    end
    if op.fence < r.f and op.kind ~= 0 then return STALE end
    if at_bound(op, r) then return BUSY end
    return PLACED
end

-- The stream first: where that is refused, nothing has been written.
local function place(op, r, event)
    local change = op.author .. op.op
    local header = struct.pack(HEADER, op.room, change, r.h + 1, state.placed + 1, op.weight, op.hash, op.fences)
    local added = redis.pcall('XADD', LOG, 'NOMKSTREAM', id(state.n + 1), 'p', header, 'b', event)
    if type(added) == 'table' and added.err and added.err:find('OOM', 1, true) then
        status = 'full'
        return BUSY
    end
    if type(added) ~= 'string' then return nil end
    state.n = state.n + 1
    state.placed = state.placed + 1
    state.ops = state.ops + 1
    state.bytes = state.bytes + op.weight
    state.kept = state.kept + op.weight
    if r.fresh then
        r.fresh = nil
        state.rooms = state.rooms + 1
    end
    if r.h == r.w then r.moved = now end
    r.h = r.h + 1
    r.bytes = r.bytes + op.weight
    if op.fences ~= 0 then r.f = r.h end
    changed[op.room] = r
    redis.call('HSET', PLACES, change, struct.pack(PLACE, op.room, r.h, op.hash, op.time, op.kind, op.code, 0))
    return PLACED
end

-- Nothing if the stream is not the one that the state speaks of.
local function judge(op, event)
    local before = redis.call('HGET', PLACES, op.author .. op.op)
    if before then return repeated(op, before) end
    if state.rooms >= rooms_most then return string.char(BUSY) end
    if stopped[op.room] then return string.char(SKIPPED) end
    local r = room_of(op)
    local why = obstacle(op, r)
    if why == PLACED then why = place(op, r, event) end
    if why == PLACED then return string.char(PLACED) .. struct.pack('>I8', r.h) end
    stopped[op.room] = true
    return why and string.char(why)
end

local answers = {status, now}
for i = 5, #ARGV, 2 do
    local op = {}
    op.room, op.author, op.op, op.after, op.since, op.hash, op.base, op.fence, op.weight, op.time, op.kind, op.code, op.fences =
        struct.unpack(ITEM, ARGV[i])
    local answer = judge(op, ARGV[i + 1])
    if not answer then
        status = 'lost'
        break
    end
    answers[#answers + 1] = answer
end
if next(changed) then write_state(state, changed) end
if status == 'lost' then return {'lost'} end
answers[1] = status
return answers
