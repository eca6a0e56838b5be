/**
 * Sockets as kafkajs makes them, but for one thing: while a broker is away it unrefs the dead ones again and again, which adds
 * a listener each time, and Node would warn the operator of a leak that ends with the outage.
 *
 * @module
 */
import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** For kafkajs' option of that name. `ssl` is undefined without TLS, whatever its type says. */
export const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS).setMaxListeners(0);
};
