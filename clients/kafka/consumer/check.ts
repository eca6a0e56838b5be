/**
 * Whether there is something to consume, asked before anything starts.
 *
 * @module
 */
import { kafkaOf, type KafkaConnection } from '../connection.js';

/** Long enough for a broker that is busy, short enough for whoever mistyped its address. */
const RETRY = { initialRetryTime: 200, maxRetryTime: 1000, retries: 4 };

/**
 * Looks whether a broker answers and has these topics.
 * @throws Error that says what to do when it does not
 */
export async function checkTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<void> {
  const admin = kafkaOf(connection, () => {}, RETRY).admin();
  try {
    await admin.connect();
    const known = new Set(await admin.listTopics());
    const missing = topics.find((topic) => !known.has(topic));
    if (missing !== undefined)
      throw new Error(
        `The topic "${missing}" is not on these brokers, or may not be seen. Create it, or correct its name.`,
      );
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error;
    throw new Error(
      `Kafka at ${connection.brokers.join(', ')} does not answer: ${error.message}. Start it, or correct brokers, ssl and sasl.`,
      { cause: error },
    );
  } finally {
    await admin.disconnect();
  }
}
