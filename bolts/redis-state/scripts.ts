/** What Redis does for a keyed state, each as a whole. @module */
import { script } from '../../clients/redis/connection.js';

/** Makes `owner` the one that may write. ARGV: key, task, tasks, owner. Answers TASKS and their number when the state is that of another number. */
export const OWN = script(`
local tasks = redis.call('HGET', ARGV[1], 'tasks')
if tasks and tasks ~= ARGV[3] then return redis.error_reply('TASKS ' .. tasks) end
redis.call('HSET', ARGV[1], 'tasks', ARGV[3], 'owner ' .. ARGV[2], ARGV[4], 'last ' .. ARGV[2], 0)
`);

/** Stores what changed; FENCED when somebody else is the owner now. ARGV: key, task, owner, number of the flush, how many are put, [field, value] …, [deleted field] … */
export const STORE = script(`
if redis.call('HGET', ARGV[1], 'owner ' .. ARGV[2]) ~= ARGV[3] then
  return redis.error_reply('FENCED')
end
if tonumber(redis.call('HGET', ARGV[1], 'last ' .. ARGV[2])) >= tonumber(ARGV[4]) then return 0 end
local state, puts = ARGV[1] .. ':' .. ARGV[2], 5 + 2 * tonumber(ARGV[5])
for i = 6, puts, 2 do redis.call('HSET', state, ARGV[i], ARGV[i + 1]) end
for i = puts + 1, #ARGV do redis.call('HDEL', state, ARGV[i]) end
redis.call('HSET', ARGV[1], 'last ' .. ARGV[2], ARGV[4])
`);
