/**
 * Ids that Redis remembers for a while, as Lua to be put in front of a script.
 *
 *     <base>:<n>   set of the ids first seen in the n-th half of a window since 1970
 *
 * Looked for in the half at hand and in two before, so that an id is known for a window at least, and forgotten after
 * one and a half. Time is the server's: one clock for all tasks and all their lives.
 *
 * @module
 */
import { hash } from 'node:crypto';

/** Characters of an id as it is kept: 128 bits of a SHA-256, so that long ids take no more memory, and none can be made to collide. */
const ID_LENGTH = 22;

/** What is remembered of an id: always of the same length. */
export const shortId = (id: string): string => hash('sha256', id, 'base64url').slice(0, ID_LENGTH);

/** Defines `seen(id)`, `remember(id)` (false when it was there) and `forget(id)` for `base` and `windowMs`, both Lua expressions. */
export const remembering = (base: string, windowMs: string): string => `
local half = math.ceil(tonumber(${windowMs}) / 2)
local time = redis.call('TIME')
local number = math.floor((time[1] * 1000 + time[2] / 1000) / half)
local function bucket(before) return ${base} .. ':' .. string.format('%.0f', number - before) end
local bucket0, bucket1, bucket2 = bucket(0), bucket(1), bucket(2)
local function old(id)
  return redis.call('SISMEMBER', bucket1, id) == 1 or redis.call('SISMEMBER', bucket2, id) == 1
end
local function seen(id) return redis.call('SISMEMBER', bucket0, id) == 1 or old(id) end
local expires = false
local function remember(id)
  if old(id) or redis.call('SADD', bucket0, id) == 0 then return false end
  if not expires then redis.call('PEXPIRE', bucket0, 4 * half) expires = true end
  return true
end
local function forget(id) redis.call('SREM', bucket0, id) end
`;
