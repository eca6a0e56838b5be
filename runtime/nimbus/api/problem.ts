/** What went wrong, as RFC 9457 has it: `application/problem+json` with a stable `code`. @module */
import { z } from 'zod';
import { Refused } from '../operations.js';

export const Problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  /** For people; says what to do. */
  detail: z.string(),
  /** For programs; it does not change. */
  code: z.string(),
});
export type Problem = z.infer<typeof Problem>;

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;
export type ProblemStatus = keyof typeof TITLES;

/** A request that is not answered as it wishes, for a reason that lies in HTTP. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: ProblemStatus;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Of what nobody expected only its status is told: its message may quote what it failed on. */
export function problemOf(error: unknown): Response {
  if (error instanceof RequestError || error instanceof Refused) {
    const { status, code, message } = error;
    const headers = error instanceof RequestError ? error.headers : {};
    return answer({ status, code, detail: message }, headers);
  }
  return answer({ status: 500, code: 'internal', detail: 'Nimbus failed; its log says why.' });
}

/** Whether it is a fault of ours, and not the caller's. */
export const isFault = (error: unknown): boolean =>
  !(error instanceof RequestError || error instanceof Refused);

function answer(
  {
    status,
    ...rest
  }: { readonly status: ProblemStatus; readonly code: string; readonly detail: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem: Problem = { type: 'about:blank', title: TITLES[status], status, ...rest };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}
