/** A request to an admin listener. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly etag?: string | undefined;
}

/** How long one answer may take: what is waited for longer is asked for again. */
const answerMs = 10_000;

/** Asks over the network. Rejects where nobody answers. */
export async function call({ method, url, headers, body }: Call): Promise<Answer> {
  // Only commands that ask somebody pay for it.
  const { request } = await import('undici');
  const signal = AbortSignal.timeout(answerMs);
  const answer = await request(url, { method, headers, body: body ?? null, signal });
  return {
    status: answer.statusCode,
    contentType: String(answer.headers['content-type'] ?? ''),
    body: await answer.body.text(),
    etag: answer.headers.etag === undefined ? undefined : String(answer.headers.etag),
  };
}
