// Shell (network): a model as host, by the provider's own tool runner over the tools of our server. It is told the task and what the
// server says of itself; whatever it calls goes through the same hands as a script's calls.
import Anthropic from '@anthropic-ai/sdk';
import { type MCPClientLike, mcpTools } from '@anthropic-ai/sdk/helpers/beta/mcp';
import { CallsUsedUp, type Hands } from '../hands.ts';
import type { Attempt, Attempted, Ending, Host, Usage } from './host.ts';
import { costOf, priceOf } from './prices.ts';

export interface ModelSettings {
  readonly model: string;
  readonly apiKey: string;
  /** Left out: where the library goes by itself. */
  readonly baseUrl?: string;
  /** How often a request is repeated when the other end is busy or away. */
  readonly retries?: number;
}

/** Enough to think and to call; no task of ours needs a long text. */
const outputTokensMax = 8_192;

export function createModelHost({ model, apiKey, baseUrl, retries = 2 }: ModelSettings): Host {
  const place = baseUrl === undefined ? {} : { baseURL: baseUrl };
  const client = new Anthropic({ apiKey, maxRetries: retries, ...place });
  return { name: model, try: (attempt) => converse(client, model, attempt) };
}

const role = `You are the assistant of a person who owns machines. You act by the tools alone, and nobody answers while you work. The person has agreed beforehand to what the task asks, and to nothing else: where a plan wants a confirmation and is just that, confirm it. When you are done, say in a few sentences what you did and what you did not.`;

async function converse(client: Anthropic, model: string, attempt: Attempt): Promise<Attempted> {
  const { task, scenario, signal, hands } = attempt;
  const over = new AbortController();
  const tally = createTally(model);
  const runner = client.beta.messages.toolRunner(
    {
      model,
      max_tokens: outputTokensMax,
      // One more than the calls it may make, for its last words.
      max_iterations: scenario.limits.calls + 1,
      // The whole conversation each time: what any server that speaks this interface understands.
      thread: false,
      system: [{ type: 'text', text: `${role}\n\n${hands.instructions}`, cache_control: { type: 'ephemeral' } }],
      tools: mcpTools([...hands.tools], endingWith(hands, over)),
      messages: [{ role: 'user', content: task }],
    },
    { signal: AbortSignal.any([signal, over.signal]) },
  );
  let [ended, said]: [Ending, string] = ['cut-off', ''];
  try {
    for await (const message of runner) {
      tally.add(message.usage);
      ended = endings[message.stop_reason ?? ''] ?? 'cut-off';
      said = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n') || said;
    }
  } catch (error) {
    if (signal.aborted || over.signal.aborted) return { ended: 'cut-off', said, ...tally.sum() };
    if (!(error instanceof Anthropic.APIError)) throw error;
    return { ended: 'infra', said: describe(error), ...tally.sum() };
  }
  return { ended, said, ...tally.sum() };
}

/** By why the model stopped. What it says while it calls on is no end: then its calls were used up. */
const endings: Readonly<Record<string, Ending>> = { end_turn: 'done', stop_sequence: 'done', refusal: 'refused' };

/**
 * The hands as the tool runner takes them. A trial that allows no further call ends the conversation: the runner would tell the
 * model of an error and go on. Our server answers in text alone.
 */
function endingWith(hands: Hands, over: AbortController): MCPClientLike {
  return {
    callTool: async (params) => {
      try {
        const { content, isError = false } = await hands.callTool(params);
        const texts = content.flatMap((block) =>
          block.type === 'text' ? [{ type: block.type, text: block.text }] : [],
        );
        return { content: texts, isError };
      } catch (error) {
        if (error instanceof CallsUsedUp) over.abort(error);
        throw error;
      }
    },
  };
}

/** Without what the error carries of the request. */
function describe({ status, name, message }: InstanceType<typeof Anthropic.APIError>): string {
  return `${name}${status === undefined ? '' : ` ${status}`}: ${message}`.slice(0, 400);
}

function createTally(model: string) {
  const price = priceOf(model);
  let usage: Usage = { requests: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  let costUsd = price === null ? null : 0;
  return {
    add: (reported: Anthropic.Beta.BetaUsage) => {
      const tokens = {
        inputTokens: reported.input_tokens,
        outputTokens: reported.output_tokens,
        cacheReadTokens: reported.cache_read_input_tokens ?? 0,
        cacheWriteTokens: reported.cache_creation_input_tokens ?? 0,
      };
      usage = {
        requests: usage.requests + 1,
        inputTokens: usage.inputTokens + tokens.inputTokens,
        outputTokens: usage.outputTokens + tokens.outputTokens,
        cacheReadTokens: usage.cacheReadTokens + tokens.cacheReadTokens,
        cacheWriteTokens: usage.cacheWriteTokens + tokens.cacheWriteTokens,
      };
      if (price !== null) costUsd = (costUsd ?? 0) + costOf(price, tokens);
    },
    sum: () => ({ usage, costUsd }),
  };
}
