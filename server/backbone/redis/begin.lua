-- Starts an epoch that the store has raised: all that was known is gone. Answers 'lost' in another incarnation, 'old' where
-- this epoch or a later one has begun, else 'ok'.
if incarnation() ~= ARGV[2] then return {'lost'} end
local begun = redis.call('HGET', STATE, 'e')
if begun and tonumber(begun) >= tonumber(ARGV[1]) then return {'old'} end
redis.call('UNLINK', STATE, PLACES, LOG)
redis.call('HSET', STATE, 'e', ARGV[1])
write_state({n = 0, up = 0, placed = 0, ops = 0, bytes = 0, kept = 0, rooms = 0, settled = 0}, {})
redis.call('XADD', LOG, id(0), 'e', '')
return {'ok'}
