/** The API as a hono app: who may ask is seen to first, then what. @module */
import { Hono, type Context } from 'hono';
import { refuseForeign, refuseWithoutToken } from './guard.js';
import { DOCUMENT_PATH, openApi } from './openapi.js';
import type { Page } from './page.js';
import { isFault, problemOf, RequestError } from './problem.js';
import type { Api } from './route.js';
import { routes } from './routes.js';

export interface AppOptions extends Api {
  readonly token: string;
  /** The host that is listened on. */
  readonly host: string;
  readonly page: Page;
  /** Told of faults of ours, not of what callers did wrong. */
  readonly onError: (error: unknown) => void;
}

export function apiApp(options: AppOptions): Hono {
  const { token, host, page, onError } = options;
  const app = new Hono();
  app.use(async (context, next) => {
    refuseForeign(context.req.raw.headers, host);
    await next();
  });
  for (const route of routes)
    app.on(route.method.toUpperCase(), route.path, async (context) => {
      if (route.needsToken) refuseWithoutToken(context.req.raw.headers, token);
      const name: string | undefined = context.req.param('name');
      return hardened(await route.answer(options, context.req.raw, name ?? ''));
    });
  const document = JSON.stringify(openApi(routes));
  app.get(DOCUMENT_PATH, (context) => hardened(context.body(document, 200, JSON_TYPE)));
  for (const path of new Set(routes.map((route) => route.path))) app.all(path, otherMethod(path));
  app.get('*', (context) => page.serve(context.req.path) ?? notFound());
  app.notFound(() => hardened(problemOf(NOT_FOUND)));
  app.onError((error) => {
    if (isFault(error)) onError(error);
    return hardened(problemOf(error));
  });
  return app;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const NOT_FOUND = new RequestError(404, 'no-such-route', 'There is nothing here.');

function notFound(): never {
  throw NOT_FOUND;
}

const otherMethod =
  (path: string) =>
  (_: Context): never => {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    const allow = methods.join(', ').toUpperCase();
    throw new RequestError(405, 'method', `Only ${allow} is answered here.`, { allow });
  };

/** What no browser is to make anything else of, keep, or show in a frame. */
function hardened(response: Response): Response {
  const { headers } = response;
  headers.set('cache-control', 'no-store');
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('x-content-type-options', 'nosniff');
  return response;
}
