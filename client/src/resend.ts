// Sends a request again, to the letter, where a repetition can help: a network knows a request that it has had, so that nothing is
// done twice. (The client library would do it, but repeats as well what the network has read and will not take.)

type Fetch = typeof globalThis.fetch;

/** As the client library waits between its own: what flickers is back after two seconds, and who is asked is not pressed. */
const pausesMs = [500, 750, 1_125];

export function resending(fetch: Fetch): Fetch {
  return async (input, init) => {
    for (const pauseMs of pausesMs) {
      const answer = await whole(fetch, input, init).catch(() => null);
      if (answer !== null && !isPassing(answer.status)) return answer;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return await whole(fetch, input, init);
  };
}

/** A connection may break in the middle of an answer. */
async function whole(fetch: Fetch, ...request: Parameters<Fetch>): Promise<Response> {
  const answer = await fetch(...request);
  await answer.clone().arrayBuffer();
  return answer;
}

/** HTTP: no time for it now (408, 425, 429), or a fault of the other side. Any other refusal stays one. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
