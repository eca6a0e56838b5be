/** What a ledger keeps to itself: the sums of its open roots. For bugs that believe the wrong ack. @module */
import { Ledger } from '../../ledger/ledger.js';
import { replaced } from './mutant.js';

interface Sum {
  high: number;
  low: number;
}

export class Sums {
  readonly #sums = new WeakMap<Ledger, Sum[]>();
  readonly #undo: (() => void)[];

  constructor() {
    const of = (ledger: Ledger): Sum[] => {
      const sums = this.#sums.get(ledger) ?? [];
      this.#sums.set(ledger, sums);
      return sums;
    };
    this.#undo = [
      replaced(
        Ledger.prototype,
        'open',
        (open) =>
          function (this: Ledger, ...root) {
            const slot = open.apply(this, root);
            if (slot >= 0) of(this)[slot] = { high: this.high, low: this.low };
            return slot;
          },
      ),
      replaced(
        Ledger.prototype,
        'ack',
        (ack) =>
          function (this: Ledger, slot, generation, high, low) {
            const sum = of(this)[slot];
            if (sum !== undefined && generation === this.generation(slot)) {
              sum.high ^= high;
              sum.low ^= low;
            }
            return ack.call(this, slot, generation, high, low);
          },
      ),
    ];
  }

  /** What would end the root in this slot. */
  of(ledger: Ledger, slot: number): Sum {
    return this.#sums.get(ledger)?.[slot] ?? { high: 0, low: 0 };
  }

  undo(): void {
    for (const undo of this.#undo.reverse()) undo();
  }
}
