import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';

const isUrl = 'http://host:port with nothing behind it';
const shape = /^http:\/\/(\[[^\]]*\]|[^:/?#@[\]]+)(?::(\d{1,5}))?$/i;

/** Where an endpoint is; comes out in lower case and with its port. */
export const upstreamUrl = z
  .string({ error: mustBe('TN2008', isUrl) })
  .superRefine((text, context) => {
    if (parts(text) !== undefined) return;
    context.addIssue({ code: 'custom', message: mustBe('TN2008', isUrl, hintFor(text)) });
  })
  .transform((text) => {
    const { host, port } = parts(text) ?? { host: '', port: 0 };
    return `http://${host}:${port}`;
  });

function parts(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, host = '', digits = '80'] = shape.exec(text) ?? [];
  const port = Number(digits);
  const isRight = isHostName(host) && port >= 1 && port <= 65_535;
  return isRight ? { host: host.toLowerCase(), port } : undefined;
}

function hintFor(text: string): string | undefined {
  if (/^https:/i.test(text)) {
    return 'TLS to upstreams comes with a later version; until then only http:// is spoken';
  }
  if (/^[\w.-]+(?::\d+)?$/.test(text)) return `did you mean "http://${text}"?`;
  if (/^http:\/\/[^/?#]*[/?#]/i.test(text)) {
    return 'the path of a request is forwarded as it is; rewrite.path changes it';
  }
  return text.includes('@') ? 'user and password do not belong here' : undefined;
}
