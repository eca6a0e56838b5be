/** One thing that can be asked: what `app.ts` answers by, and what the document is made of. @module */
import type { z } from 'zod';
import { TopologyName, type Operations } from '../operations.js';
import { parsed, readBody } from './body.js';
import type { Live } from './live.js';
import { RequestError, type ProblemStatus } from './problem.js';

/** What answers are made with. */
export interface Api {
  readonly operations: Operations;
  readonly live: Live;
}

export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** As hono has it: `/api/v1/topologies/:name`. */
  readonly path: string;
  /** The name of the operation in the document. */
  readonly id: string;
  readonly summary: string;
  readonly needsToken: boolean;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 202;
  /** The shape of the JSON that it answers, or the media type of something else. */
  readonly gives: z.ZodType | string;
  /** The statuses of its problems, beside those that every route has. */
  readonly refuses: readonly ProblemStatus[];
  readonly answer: (api: Api, request: Request, name: string) => Promise<Response>;
}

/** What a handler gets of a request. */
interface Asked<Q, B> {
  readonly query: Q;
  readonly body: B;
  /** The topology; empty where the path names none. */
  readonly name: string;
}

interface Declared<Q extends z.ZodObject, B extends z.ZodType> {
  readonly id: string;
  readonly summary: string;
  readonly needsToken?: boolean;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyBytesMax?: number;
  readonly status?: Route['status'];
  readonly gives: Route['gives'];
  readonly refuses?: Route['refuses'];
  /** A response, or the value of one in JSON. */
  readonly handle: (api: Api, asked: Asked<z.infer<Q>, z.infer<B>>) => unknown;
}

const BODY_BYTES_MAX = 64 * 1024;

export function route<Q extends z.ZodObject, B extends z.ZodType>(
  method: Route['method'],
  path: string,
  declared: Declared<Q, B>,
): Route {
  const { id, summary, query, body, gives, handle } = declared;
  const { needsToken = method !== 'get', status = 200, bodyBytesMax = BODY_BYTES_MAX } = declared;
  return {
    ...{ method, path, id, summary, needsToken, status, gives },
    ...(query !== undefined && { query }),
    ...(body !== undefined && { body }),
    refuses: refusals(path, declared),
    async answer(api, request, name) {
      if (path.includes(':name') && !TopologyName.safeParse(name).success)
        throw new RequestError(404, 'no-such-topology', 'There is no topology of that name.');
      const asked = {
        name,
        query: query && parsed(query, queryOf(request), 'The query'),
        body: body && (await readBody(request, body, bodyBytesMax)),
      };
      // What is not declared is not there, and nothing of it is read: the types say so.
      const given = await handle(api, asked as Asked<z.infer<Q>, z.infer<B>>);
      return given instanceof Response ? given : json(given, status);
    },
  };
}

const queryOf = (request: Request): Record<string, string> =>
  Object.fromEntries(new URL(request.url).searchParams);

const json = (value: unknown, status: number): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json' },
  });

function refusals<Q extends z.ZodObject, B extends z.ZodType>(
  path: string,
  { refuses = [], query, body }: Declared<Q, B>,
): ProblemStatus[] {
  const all = new Set<ProblemStatus>(refuses);
  if (path.includes(':name')) all.add(404);
  if (query !== undefined) all.add(422);
  if (body !== undefined) for (const status of [400, 413, 415, 422] as const) all.add(status);
  return [...all].sort((a, b) => a - b);
}
