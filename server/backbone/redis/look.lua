-- In one call: epoch, last entry, settled up to, incarnation, role.
local s = redis.call('HMGET', STATE, 'e', 'n', 'up')
local role = redis.call('INFO', 'replication'):match('role:(%a+)')
return {s[1] or '0', s[2] or '0', s[3] or '0', incarnation(), role}
