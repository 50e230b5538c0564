// A real OpenID provider for the tests: logins by its own development pages, tokens for services, keys that change.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';

const [, , callback, secret] = process.argv;
const roles = { erika: ['data-provider', 'offline_access'], nobody: ['offline_access'], admin: ['platform-admin'] };

const freshKey = () => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(),
  use: 'sig',
  alg: 'RS256',
});

const resources = {
  'urn:datenbroker': { audience: 'datenbroker', ttl: 600 },
  'urn:other': { audience: 'other', ttl: 600 },
  'urn:short': { audience: 'datenbroker', ttl: 1 },
};

const clients = [
  { client_id: 'sensors', client_secret: secret, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
  { client_id: 'strangers', client_secret: secret, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
  {
    client_id: 'gateway',
    client_secret: secret,
    redirect_uris: [callback],
    post_logout_redirect_uris: [callback.replace('/callback', '/')],
  },
];

const configuration = (issuer, keys) => ({
  jwks: { keys },
  clients,
  cookies: { keys: [secret] },
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles', 'organisation'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, roles: roles[id] ?? [], organisation: id === 'admin' ? undefined : 'entsorgung-herne' }),
  }),
  extraTokenClaims: (_, token) => ({
    realm_access: { roles: token.clientId === 'sensors' ? ['device-gateway'] : [] },
    organisation: 'entsorgung-herne',
  }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:datenbroker',
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: '',
        audience: resources[resource].audience,
        accessTokenTTL: resources[resource].ttl,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

let handle = () => {};
let keys = [freshKey()];
const server = createServer((request, response) => {
  if (request.url === '/test/rotate') keys = [freshKey(), keys[0]];
  else if (request.url === '/test/withdraw') keys = [freshKey()];
  else return handle(request, response);
  serve();
  response.end('{}');
});
const serve = () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handle = new Provider(issuer, configuration(issuer, keys)).callback();
};
server.listen(0, '127.0.0.1', () => {
  serve();
  console.log(JSON.stringify({ issuer: `http://127.0.0.1:${server.address().port}` }));
});
