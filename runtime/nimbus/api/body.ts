/** Reads what a request sends, and no more than is allowed. @module */
import type { z } from 'zod';
import { RequestError } from './problem.js';

/** @throws RequestError when it is too large, no JSON, or not of that shape */
export async function readBody<S extends z.ZodType>(
  request: Request,
  shape: S,
  bytesMax: number,
): Promise<z.infer<S>> {
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? ''))
    throw new RequestError(415, 'not-json', 'Send JSON, with Content-Type: application/json.');
  return parsed(shape, jsonOf(await textOf(request, bytesMax)), 'The body');
}

/** @throws RequestError 422 that names what does not fit */
export function parsed<S extends z.ZodType>(shape: S, value: unknown, what: string): z.infer<S> {
  const { data, error } = shape.safeParse(value);
  if (error === undefined) return data;
  const problems = error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  );
  throw new RequestError(422, 'invalid', `${what} is not as it should be. ${problems.join('; ')}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message quotes what it failed on.
    throw new RequestError(400, 'not-json', 'The body is no JSON.');
  }
}

async function textOf(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body ?? []) {
    bytes += part.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

const tooLarge = (bytesMax: number): RequestError =>
  new RequestError(413, 'too-large', `At most ${bytesMax} bytes can be sent here.`);
