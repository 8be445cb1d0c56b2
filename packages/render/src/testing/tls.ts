import { type TestRenderer, filesOf, requestOf, uploadChart } from './charts.ts'

/** A certificate authority of the test's own and a certificate for 127.0.0.1; made by the templates' own functions. */
export async function makeCertificates(renderer: TestRenderer): Promise<{ ca: string; key: string; cert: string }> {
  const template = `{{- $ca := genCA "test" 1 }}{{- $leaf := genSignedCert "localhost" (list "127.0.0.1") nil 1 $ca }}
apiVersion: v1
kind: Secret
metadata: {name: tls}
stringData: {{ dict "ca" $ca.Cert "key" $leaf.Key "cert" $leaf.Cert | toJson }}
`
  return renderOne(renderer, template)
}

/** A line for an htpasswd file, in bcrypt. */
export async function htpasswd(renderer: TestRenderer, user: string, password: string): Promise<string> {
  const template = `apiVersion: v1\nkind: Secret\nmetadata: {name: auth}\nstringData: {line: {{ htpasswd "${user}" "${password}" | quote }}}\n`
  return (await renderOne<{ line: string }>(renderer, template)).line
}

async function renderOne<Data>(renderer: TestRenderer, template: string): Promise<Data> {
  const chart = filesOf({ 'Chart.yaml': 'apiVersion: v2\nname: tool\nversion: 1.0.0\n', 'templates/a.yaml': template })
  const set = await renderer.render(requestOf(await uploadChart(renderer, chart)))
  return set.objects[0]?.['stringData'] as Data // what the template above makes
}
