import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';

const isUrl = 'http://host:port or https://host:port with nothing behind it';
const shape = /^(https?):\/\/(\[[^\]]*\]|[^:/?#@[\]]+)(?::(\d{1,5}))?$/i;

/** Where an endpoint is; comes out in lower case and with its port. */
export const upstreamUrl = z
  .string({ error: mustBe('TN2008', isUrl) })
  .superRefine((text, context) => {
    if (parts(text) !== undefined) return;
    context.addIssue({ code: 'custom', message: mustBe('TN2008', isUrl, hintFor(text)) });
  })
  .transform((text) => {
    const { scheme, host, port } = parts(text) ?? { scheme: 'http', host: '', port: 0 };
    return `${scheme}://${host}:${port}`;
  });

interface Parts {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

function parts(text: string): Parts | undefined {
  const [, scheme, host, digits] = shape.exec(text.toLowerCase()) ?? [];
  if (scheme === undefined || host === undefined || !isHostName(host)) return undefined;
  const port = Number(digits ?? (scheme === 'https' ? 443 : 80));
  return port >= 1 && port <= 65_535 ? { scheme, host, port } : undefined;
}

function hintFor(text: string): string | undefined {
  if (/^[\w.-]+(?::\d+)?$/.test(text)) return `did you mean "http://${text}"?`;
  if (/^https?:\/\/[^/?#]*[/?#]/i.test(text)) {
    return 'the path of a request is forwarded as it is; rewrite.path changes it';
  }
  return text.includes('@') ? 'user and password do not belong here' : undefined;
}
