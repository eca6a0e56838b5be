/** A line of a worker's log, for people. @module */
import { z } from 'zod';

const Line = z.object({
  level: z.string(),
  time: z.string(),
  msg: z.string(),
  worker: z.int().optional(),
  component: z.string().optional(),
  task: z.int().optional(),
});

/** `18:00:00.000Z warn worker 1 parse[0]: …`; what is no object stays. Holds nothing that a terminal would obey. */
export function logLine(text: string): string {
  const line = parsed(text);
  if (line === undefined) return plain(text);
  const { level, time, msg, worker, component, task } = line;
  const where = [
    ...(worker === undefined ? [] : [`worker ${worker}`]),
    ...(component === undefined ? [] : [`${component}${task === undefined ? '' : `[${task}]`}`]),
  ];
  const from = where.length === 0 ? '' : ` ${where.join(' ')}`;
  return plain(`${time.slice(time.indexOf('T') + 1)} ${level}${from}: ${msg}`);
}

function parsed(text: string): z.infer<typeof Line> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const plain = (text: string): string => text.replaceAll(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
