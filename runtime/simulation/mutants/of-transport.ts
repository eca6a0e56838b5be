/** Bugs in what workers say to each other. @module */
import { Outbox } from '../../transport/outbox.js';
import { Sockets } from '../../transport/sockets.js';
import type { Transport } from '../../world.js';
import { replaced, type Mutant } from './mutant.js';

export const ofTransport: readonly Mutant[] = [
  {
    name: 'what a peer took is never given back',
    plant: () =>
      replaced(
        Outbox.prototype,
        'connect',
        (connect) =>
          function (this: Outbox, wire) {
            const mute = wire && { write: (bytes: Buffer) => wire.write(bytes, () => {}) };
            return connect.call(this, mute);
          },
      ),
  },
  {
    name: 'a peer is not told that its message failed',
    plant: () => replaced(Outbox.prototype, 'fail', () => () => {}),
  },
  {
    name: 'the former life of a peer is taken for its present one',
    plant: () =>
      replaced(
        Sockets.prototype,
        'dial',
        (dial) =>
          function (this: Sockets, worker, _, path) {
            return dial.call(this, worker, 1, path);
          },
      ),
    planting: {
      world: (world) => ({ ...world, transport: ageless(world.transport) }),
    },
  },
];

/** Whoever dials says that this is its first life. */
const ageless = (transport: Transport): Transport => ({
  createServer: (accept) => transport.createServer(accept),
  connect(options) {
    const socket = transport.connect(options);
    const write = socket.write.bind(socket);
    return Object.assign(socket, {
      write(hello: Buffer, taken?: () => void) {
        hello.writeDoubleLE(1, 4);
        return write(hello, taken);
      },
    });
  },
});
