import { asFlotillaError, FlotillaError } from '@flotilla/model'

/** Reads YAML documents without keeping the event loop waiting. */
type ReadDocuments = (text: string, field: string) => Promise<readonly unknown[]>

/** The one document of a kubeconfig. Of what is wrong with it only the line is told: the rest may be a key. */
export async function readKubeconfig(text: string, field: string, read: ReadDocuments): Promise<unknown> {
  let documents: readonly unknown[]
  try {
    documents = await read(text, field)
  } catch (thrown) {
    const { code, message, field: where = field } = asFlotillaError(thrown)
    if (code !== 'input.yaml') throw thrown
    const line = /^Line (\d+)/.exec(message)?.[1]
    throw new FlotillaError(code, {
      message: `The kubeconfig cannot be read as YAML${line === undefined ? '' : `, at its line ${line}`}`,
      remedy: 'Correct the file, or keep the one context that is meant: kubectl config view --minify --flatten --raw',
      field: where,
    })
  }
  const [document, second] = documents
  if (second === undefined) return document
  throw new FlotillaError('input.yaml', {
    message: 'The kubeconfig has more than one document',
    remedy: 'Keep the one that is meant',
    field,
  })
}
