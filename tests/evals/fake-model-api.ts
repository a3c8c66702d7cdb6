// A fake of the model's interface: a server on loopback that answers /v1/messages as it is told and remembers what it was asked. It
// is no model: it shows that our loop works, never how well a model does.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: FakeRequest;
}

export interface FakeRequest {
  readonly model: string;
  readonly system: unknown;
  readonly thread?: unknown;
  readonly tools: readonly { readonly name: string; readonly input_schema: object }[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly FakeBlock[] }[];
}

export interface FakeBlock {
  readonly type: string;
  readonly text?: string;
  readonly is_error?: boolean;
  readonly content?: string | readonly FakeBlock[];
}

/** What it answers: a call, last words, a refusal, or a failure by its status. */
export type FakeAnswer =
  | { readonly call: string; readonly args: object }
  | { readonly says: string }
  | { readonly refuses: true }
  | { readonly status: number };

/** `results` are the texts of the tools' answers so far. */
export type FakeModel = (results: readonly string[], asked: readonly Asked[]) => FakeAnswer;

export interface FakeModelApi {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

export async function startFakeModelApi(model: FakeModel): Promise<FakeModelApi> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: FakeRequest = JSON.parse(Buffer.concat(chunks).toString());
    asked.push({ headers: request.headers, body });
    const answer = model(resultsIn(body), asked);
    const status = 'status' in answer ? answer.status : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify('status' in answer ? failure(status) : message(body.model, answer, asked.length)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function resultsIn({ messages }: FakeRequest): readonly string[] {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => textOf(content));
}

function textOf(content: FakeBlock['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('');
}

function message(model: string, answer: Exclude<FakeAnswer, { status: number }>, number: number) {
  const [content, stop_reason] =
    'call' in answer
      ? [[{ type: 'tool_use', id: `toolu_${number}`, name: answer.call, input: answer.args }], 'tool_use']
      : 'says' in answer
        ? [[{ type: 'text', text: answer.says }], 'end_turn']
        : [[], 'refusal'];
  const usage = {
    input_tokens: 1_000,
    output_tokens: 100,
    cache_read_input_tokens: 500,
    cache_creation_input_tokens: 0,
  };
  return {
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason,
    stop_sequence: null,
    usage,
  };
}

function failure(status: number) {
  return {
    type: 'error',
    error: { type: status === 401 ? 'authentication_error' : 'api_error', message: 'as arranged' },
  };
}
