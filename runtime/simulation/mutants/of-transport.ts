/** Bugs in what workers say to each other. @module */
import { Outbox } from '../../transport/outbox.js';
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
];
