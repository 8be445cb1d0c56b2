import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError, type IdentityProvider } from '@flotilla/model'
import { createAddressGuard } from '@flotilla/render'
import { csrf, httpFixture } from '../../http/testing/http-fixture.ts'
import { identityProvider, type ProviderFixture, providerFixture } from '../../http/testing/provider-fixture.ts'
import { createConnector } from './create-connector.ts'
import { type RunningSlapd, startSlapd } from './testing/start-slapd.ts'

const base = 'dc=example,dc=com'
const person = (dn: string, uid: string, cn: string, password: string) => `dn: ${dn}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${cn}
sn: ${cn}
mail: ${uid}@example.com
userPassword: ${password}
`
const group = (cn: string, member: string) => `dn: cn=${cn},ou=groups,${base}
objectClass: groupOfNames
cn: ${cn}
member: ${member}
`
const unit = (name: string) => `dn: ou=${name},${base}
objectClass: organizationalUnit
ou: ${name}
`
const dora = `uid=dora,ou=people,${base}`
const ldif = [
  `dn: ${base}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n`,
  ...['people', 'groups', 'east'].map(unit),
  `dn: cn=reader,${base}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\nuserPassword: reader-secret\n`,
  // slapadd asks no overlay: what memberof would write stands here
  `${person(dora, 'dora', 'Dora Lin', 'dora-secret')}memberOf: cn=retail,ou=groups,${base}\n`,
  person(`uid=lin\\2Ca*,ou=people,${base}`, 'lin,a*', 'Lin', 'lin-secret'),
  person(`uid=twin,ou=people,${base}`, 'twin', 'Twin', 'twin-secret'),
  person(`uid=twin,ou=east,${base}`, 'twin', 'Twin', 'twin-secret'),
  group('retail', dora),
  group('others', `uid=twin,ou=east,${base}`),
].join('\n')

describe('LDAP, against a real OpenLDAP', () => {
  let slapd: RunningSlapd
  before(async () => {
    slapd = await startSlapd(ldif)
  })
  after(() => slapd.close())

  const provider = (ldap: object = {}, more: object = {}): IdentityProvider =>
    identityProvider('staff', {
      type: 'ldap',
      ca: slapd.ca,
      ldap: {
        url: slapd.plain,
        bindDn: `cn=reader,${base}`,
        userBase: base,
        groupBase: `ou=groups,${base}`,
        ...ldap,
      },
      ...more,
    })
  const connect = async (object: IdentityProvider, secret = 'reader-secret', allowedHosts = slapd.hosts) => {
    const guard = createAddressGuard({ allowedHosts })
    const connector = await createConnector({ provider: object, secret, guard, insecureHosts: [] })
    assert.equal(connector.form, 'password')
    return connector
  }
  const refusedWith = (code: string) => (thrown: unknown) => asFlotillaError(thrown).code === code

  for (const [how, ldap] of [
    ['StartTLS, groups by a search', () => ({})],
    ['LDAPS, groups of memberOf', () => ({ url: slapd.secure, memberOfAttribute: 'memberOf' })],
  ] as const) {
    test(`tells who somebody is by their password: ${how}`, async () => {
      const connector = await connect(provider(ldap()))
      await connector.probe()
      const found = await connector.check('dora', 'dora-secret')
      assert.match(found?.subject ?? '', /^[0-9a-f-]{36}$/)
      assert.deepEqual(
        [found?.name, found?.email, found?.groups],
        ['Dora Lin', 'dora@example.com', [how.includes('memberOf') ? `cn=retail,ou=groups,${base}` : 'retail']],
      )
      assert.equal(await connector.check('dora', 'wrong'), undefined)
      assert.equal(await connector.check('nobody', 'dora-secret'), undefined)
    })
  }

  test('takes no empty password, with which this directory lets anybody bind', async () => {
    const connector = await connect(provider())
    assert.equal(await connector.check('dora', ''), undefined)
    assert.equal(await connector.check('', 'x'), undefined)
  })

  test('takes what is typed as a name, never as a filter', async () => {
    const connector = await connect(provider())
    for (const typed of ['*', 'do*', 'dora)(uid=*', '*)(|(uid=*', 'dora\0', '\\64ora'])
      assert.equal(await connector.check(typed, 'dora-secret'), undefined, typed)
    assert.equal((await connector.check('lin,a*', 'lin-secret'))?.name, 'Lin')
    assert.deepEqual((await connector.check('lin,a*', 'lin-secret'))?.groups, [])
  })

  test('refuses a name that two people have', async () => {
    await assert.rejects((await connect(provider())).check('twin', 'twin-secret'), refusedWith('auth.refused'))
  })

  test('says nothing to a server whose certificate is not right, or that is not listed', async () => {
    const withoutCa = identityProvider('staff', { ...provider().spec, ca: undefined })
    await assert.rejects((await connect(withoutCa)).check('dora', 'dora-secret'), refusedWith('provider.unreachable'))
    const byName = provider({ url: slapd.secure.replace('127.0.0.1', 'localhost') })
    const hosts = [new URL(slapd.secure).host.replace('127.0.0.1', 'localhost')]
    await assert.rejects((await connect(byName, 'reader-secret', hosts)).probe(), refusedWith('provider.unreachable'))
    await assert.rejects((await connect(provider(), 'reader-secret', [])).probe(), refusedWith('address.refused'))
  })

  test('says when the account that looks people up is refused', async () => {
    await assert.rejects((await connect(provider(), 'wrong')).probe(), refusedWith('input.invalid'))
  })

  describe('through the sign-in of the server (a stand-in for the host)', () => {
    let fixture: ProviderFixture
    before(async () => {
      fixture = await providerFixture(slapd.hosts)
      fixture.secrets.set('identity-provider-staff', 'reader-secret')
      fixture.state.identityProviders.put(provider())
    })
    after(() => fixture.close())
    const signIn = (username: string, password: string, kind: 'cli' | 'browser' = 'cli') =>
      fixture.http.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        headers: csrf,
        payload: { username, password, kind, provider: 'staff' },
      })

    test('makes a session of a person with no role', async () => {
      const answer = await signIn('dora', 'dora-secret')
      assert.equal(answer.statusCode, 201, answer.body)
      const { person: seen, token } = answer.json<{
        person: { displayName: string; groups: string[] }
        token: string
      }>()
      assert.deepEqual([seen.displayName, seen.groups], ['Dora Lin', []])
      assert.match(token, /^flo_/)
    })

    test('locks after ten wrong passwords, as our own does', async () => {
      for (let at = 0; at < 10; at++) assert.equal((await signIn('lin,a*', 'wrong')).statusCode, 401)
      assert.equal((await signIn('lin,a*', 'lin-secret')).statusCode, 429)
    })
  })
})

test('a provider that there is not is not said to be one', async () => {
  const fixture = await httpFixture()
  const payload = { username: 'dora', password: 'x', provider: 'staff' }
  const answer = await fixture.http.app.inject({ method: 'POST', url: '/api/v1/session', headers: csrf, payload })
  assert.equal(answer.statusCode, 401)
  await fixture.close()
})
