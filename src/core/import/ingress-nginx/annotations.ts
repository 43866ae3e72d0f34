import type { ImportCode } from '../codes.ts';

/** What becomes of an annotation that is not translated. */
export interface Untranslated {
  /** Begins the name of the annotation, or is all of it. */
  readonly names: readonly string[];
  readonly code: ImportCode;
  /** Why, or what is different now; the name stands before it. */
  readonly why: string;
  readonly hint?: string;
}

/** Annotations that are read: elsewhere it is told where one of them could not be used. */
export const translated: readonly string[] = [
  'app-root',
  'backend-protocol',
  'canary',
  'canary-by-cookie',
  'canary-by-header',
  'canary-by-header-pattern',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'force-ssl-redirect',
  'from-to-www-redirect',
  'mirror-request-body',
  'mirror-target',
  'permanent-redirect',
  'permanent-redirect-code',
  'proxy-body-size',
  'proxy-connect-timeout',
  'proxy-next-upstream',
  'proxy-next-upstream-tries',
  'proxy-read-timeout',
  'proxy-send-timeout',
  'proxy-ssl-name',
  'proxy-ssl-verify',
  'rewrite-target',
  'server-alias',
  'ssl-redirect',
  'temporal-redirect',
  'temporal-redirect-code',
  'upstream-vhost',
  'use-regex',
  'x-forwarded-prefix',
];

/** Those that are honoured on a canary Ingress beside `canary-…`: all of session affinity. */
export const affinity: readonly string[] = ['affinity', 'session-cookie-'];

const clientHint = 'match: {client: 10.0.0.0/8} of a route takes only clients of that network';

/** Every other annotation of the controller's documentation. A name that ends in `-` stands for all that begin so. */
export const untranslated: readonly Untranslated[] = [
  {
    names: ['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range'],
    code: 'TN6003',
    why: 'is not translated: clients it kept out reach the service',
    hint: clientHint,
  },
  {
    names: ['auth-', 'enable-global-auth', 'satisfy'],
    code: 'TN6003',
    why: 'is not translated: nobody is asked who they are',
    hint: 'let the service ask, or a proxy before Turnout',
  },
  {
    names: ['limit-', 'global-rate-limit'],
    code: 'TN6003',
    why: 'is not translated: clients may send as much as they like',
    hint: 'limits bounds what a version has at once, whoever sends it',
  },
  {
    names: ['enable-modsecurity', 'enable-owasp-core-rules', 'modsecurity-'],
    code: 'TN6003',
    why: 'is not translated: no firewall looks at requests',
  },
  {
    names: ['configuration-snippet', 'server-snippet', 'stream-snippet'],
    code: 'TN6003',
    why: 'is nginx configuration, which is not read: what it kept out comes in',
    hint: 'headers, rewrite and redirect say most of what snippets are used for',
  },
  {
    names: ['ssl-passthrough'],
    code: 'TN6002',
    why: 'is not translated: Turnout reads requests, so it has to end TLS itself',
    hint: '--tls-cert and --tls-key; an https url speaks TLS to the service again',
  },
  {
    names: ['affinity', 'session-cookie-', 'upstream-hash-by'],
    code: 'TN6002',
    why: 'is not translated: it keeps a client at one pod, which Turnout does not; it keeps a user at one version',
  },
  {
    names: ['enable-cors', 'cors-'],
    code: 'TN6002',
    why: 'is not translated: Turnout answers no preflight requests',
    hint: 'headers.response sets fields; preflights go to the service',
  },
  {
    names: ['custom-headers'],
    code: 'TN6002',
    why: 'names a ConfigMap that is not looked into',
    hint: 'write its fields into headers.response.set',
  },
  {
    names: ['custom-http-errors', 'default-backend', 'disable-proxy-intercept-errors'],
    code: 'TN6002',
    why: 'is not translated: answers of the service are never replaced',
    hint: 'onUnavailable: {fallback: <version>} names a version for when none can be reached',
  },
  {
    names: ['proxy-cookie-domain', 'proxy-cookie-path', 'proxy-redirect-'],
    code: 'TN6002',
    why: 'is not translated: cookies and Location of answers pass as they are',
  },
  {
    names: [
      'proxy-ssl-secret',
      'proxy-ssl-ciphers',
      'proxy-ssl-protocols',
      'proxy-ssl-verify-depth',
      'proxy-ssl-server-name',
    ],
    code: 'TN6002',
    why: 'is not translated',
    hint: 'mount the Secret and name its files in tls: {ca, cert, key}',
  },
  {
    names: ['ssl-ciphers', 'ssl-prefer-server-ciphers'],
    code: 'TN6002',
    why: 'is not translated: the ciphers are those of Node',
  },
  {
    names: [
      'mirror-host',
      'connection-proxy-header',
      'preserve-trailing-slash',
      'relative-redirects',
      'use-port-in-redirects',
      'proxy-next-upstream-timeout',
      'fastcgi-',
    ],
    code: 'TN6002',
    why: 'is not translated',
  },
  {
    names: [
      'proxy-buffering',
      'proxy-buffers-number',
      'proxy-buffer-size',
      'proxy-busy-buffers-size',
      'proxy-max-temp-file-size',
      'proxy-request-buffering',
      'client-body-buffer-size',
    ],
    code: 'TN6007',
    why: 'is not needed: bodies pass through, and nothing is buffered on disk',
  },
  {
    names: ['proxy-http-version', 'http2-push-preload', 'service-upstream', 'load-balance'],
    code: 'TN6007',
    why: 'is not needed: Turnout chooses among the endpoints by its own rule, over HTTP/1.1',
  },
  {
    names: [
      'enable-access-log',
      'enable-rewrite-log',
      'enable-opentracing',
      'opentracing-',
      'enable-opentelemetry',
      'opentelemetry-',
      'enable-influxdb',
      'influxdb-',
    ],
    code: 'TN6007',
    why: 'is not needed: logs and metrics are settings of the process, not of a route',
  },
];

/** Returns what becomes of an annotation that is not translated; undefined: it is not known. */
export function untranslatedBy(name: string): Untranslated | undefined {
  return untranslated.find(({ names }) => names.some((known) => isNamed(name, known)));
}

export function isNamed(name: string, known: string): boolean {
  if (known.endsWith('-')) return name.startsWith(known);
  return name === known || name.startsWith(`${known}-`);
}
