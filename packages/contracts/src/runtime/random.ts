/** Chance, handed in, so that jitter and ids repeat under a seed. Keys and tokens never come from here. */
export interface Random {
  /** A number in [0, 1), uniformly distributed. */
  next(): number;
  /** A random UUID (version 4), lower case. */
  uuid(): string;
}

/** The machine's own randomness. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};
