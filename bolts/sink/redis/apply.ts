/**
 * Runs the commands of many rows as one script: one request and one answer for hundreds of rows, and each row's command
 * together with the noting of its id.
 *
 *     ARGV   = once, window in ms, LTRIM from, PEXPIRE ms, command …      once: base of the keys for ids; each may be empty
 *     command = number of arguments, id or empty, argument …
 *     answer = place to go on from or 0, row there, error there, rows seen before, [row, error] …
 *
 * An error that lies in the row (WRONGTYPE, …) leaves the row out, and its id. An error that lies in the server (OOM,
 * READONLY, …) ends the script before that row: what was done is done, and the rest can be tried again.
 *
 * Keys are cut and given their time to live at the end, once each, and only those that a row was written to: another
 * key of that name may be somebody else's.
 *
 * @module
 */
import type { RedisConnection } from '../../../clients/redis/connection.js';
import { script } from '../../../clients/redis/connection.js';
import { remembering } from '../../../clients/redis/remember.js';
import type { Argument } from './row-command.js';

const APPLY = script(`${remembering('ARGV[1]', 'ARGV[2]')}
local function lies_in_row(err)
  return string.find(err, '^WRONGTYPE') or string.find(err, '^ERR') or string.find(err, '^NOPERM')
end
local at, row, repeated, refused, written = 5, 0, 0, {}, {}
local function answer(stopped_at, stopped_row, err)
  for key in pairs(written) do
    if ARGV[3] ~= '' then redis.pcall('LTRIM', key, ARGV[3], -1) end
    if ARGV[4] ~= '' then redis.pcall('PEXPIRE', key, ARGV[4]) end
  end
  return { stopped_at, stopped_row, err, repeated, unpack(refused) }
end
while ARGV[at] do
  local last, id = at + 1 + tonumber(ARGV[at]), ARGV[at + 1]
  if id == '' or remember(id) then
    local reply = redis.pcall(unpack(ARGV, at + 2, last))
    local err = type(reply) == 'table' and reply.err
    if err then
      if id ~= '' then forget(id) end
      if not lies_in_row(err) then return answer(at, row, err) end
      refused[#refused + 1] = row
      refused[#refused + 1] = err
    else
      written[ARGV[at + 3]] = true
    end
  else
    repeated = repeated + 1
  end
  at, row = last + 1, row + 1
end
return answer(0, 0, '')
`);

/** What came of a script. */
export interface Applied {
  /** Where in the arguments the script stopped, from 1, and at which row; 0 when it did not. */
  readonly stoppedAt: number;
  readonly stoppedRow: number;
  readonly stoppedBy: string;
  /** Rows whose id was seen before. */
  readonly repeated: number;
  /** Rows that Redis refused, with its error. */
  readonly refused: readonly (readonly [row: number, error: string])[];
}

/** @throws Unavailable; Error when Redis takes no scripts */
export async function apply(
  connection: RedisConnection,
  args: readonly Argument[],
): Promise<Applied> {
  const answer = await connection.run(APPLY, args);
  if (!Array.isArray(answer)) throw new Error('Redis gave no list for a script.');
  const [stoppedAt, stoppedRow, stoppedBy, repeated, ...pairs] = answer as unknown[];
  const refused: [number, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) refused.push([Number(pairs[i]), String(pairs[i + 1])]);
  return {
    stoppedAt: Number(stoppedAt),
    stoppedRow: Number(stoppedRow),
    stoppedBy: String(stoppedBy),
    repeated: Number(repeated),
    refused,
  };
}
