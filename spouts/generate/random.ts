/**
 * Numbers that look random and depend on what they are started from alone.
 *
 * SplitMix (Steele, Lea, Flood 2014) in 32 bits with the multipliers of Ettinger's `lowbias32`: 2 ns a number.
 *
 * @module
 */
export class Random {
  #state = 0;

  /** Begins the numbers of (`seed`, `index`), anew. */
  start(seed: number, index: number): void {
    this.#state = mixed(mixed(seed | 0) ^ (index | 0)) ^ Math.floor(index / 2 ** 32);
  }

  /** 32 bits, signed. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mixed(this.#state);
  }

  /** In [0, 1). */
  fraction(): number {
    return (this.bits() >>> 0) / 2 ** 32;
  }

  /** In [0, count). */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  /** In [0, count), the low ones by far more often, as it is with pages and visitors: about a power law. */
  skewed(count: number): number {
    const fraction = this.fraction();
    return Math.floor(fraction * fraction * fraction * count);
  }
}

function mixed(bits: number): number {
  let x = bits;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
