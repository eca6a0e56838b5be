/**
 * Whether there is something to consume, asked before anything starts.
 *
 * @module
 */
import { answered } from '../answered.js';
import { kafkaOf, type KafkaConnection } from '../connection.js';

const RETRY = { initialRetryTime: 200, maxRetryTime: 1000, retries: 4 };

/**
 * Looks whether a broker answers and has these topics.
 * @throws Error that says what to do when it does not
 */
export async function checkTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<void> {
  const known = new Set(await topicsAt(connection));
  const missing = topics.find((topic) => !known.has(topic));
  if (missing !== undefined)
    throw new Error(
      `The topic "${missing}" is not on these brokers, or may not be seen. Create it, or correct its name.`,
    );
}

async function topicsAt(connection: KafkaConnection): Promise<string[]> {
  const admin = kafkaOf(connection, () => {}, RETRY).admin();
  try {
    return await answered(admin.connect().then(() => admin.listTopics()));
  } catch (error) {
    throw new Error(
      `Kafka at ${connection.brokers.join(', ')} does not answer: ${error instanceof Error ? error.message : String(error)}. Start it, or correct brokers, ssl and sasl.`,
      { cause: error },
    );
  } finally {
    // It waits for answers that may never come.
    void admin.disconnect().catch(() => {});
  }
}
