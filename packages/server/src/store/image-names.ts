import { splitImage } from '@flotilla/render/image-reference'

/** The names under which an image is looked up; empty where it has none. */
export interface ImageNames {
  readonly repository: string
  /** Repository and tag. */
  readonly tagged: string
  readonly digest: string
}

const hub = 'docker.io'

/** A repository in full, as container runtimes read it: `nginx` is `docker.io/library/nginx`. */
function wholeRepository(name: string): string {
  const [first = '', ...rest] = name.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = isHost ? first.replace(/^(index|registry-1)\.docker\.io$/, hub) : hub
  const path = isHost ? rest : [first, ...rest]
  return [host, ...(host === hub && path.length === 1 ? ['library'] : []), ...path].join('/')
}

/** The names of what is used by that reference: without tag and digest it is `latest`. */
export function namesOfImage(reference: string): ImageNames {
  const { repository, tagged, digest } = namesInQuestion(reference)
  return { repository, tagged: tagged === '' && digest === '' ? `${repository}:latest` : tagged, digest }
}

/** What a question about images names: without tag and digest, any of them. */
export function namesInQuestion(question: string): ImageNames {
  const { name, tag, digest = '' } = splitImage(question)
  if (name === '') return { repository: '', tagged: '', digest }
  const repository = wholeRepository(name)
  return { repository, tagged: tag === undefined ? '' : `${repository}:${tag}`, digest }
}
