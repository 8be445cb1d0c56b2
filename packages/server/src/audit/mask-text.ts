/** What stands where a secret was. */
export const hidden = '(secret)'
/** Longer texts are not kept: what is in them nobody can know. */
const longestText = 200

const secretName =
  /pass(?:word|wd|phrase)|passw|secret|token|credential|kubeconfig|dockerconfig|cookie|authorization|(?:api|access|private|signing|encryption)[-_.]?key|\.key$|(?:^|[-_.])(?:pwd|pem|auth)(?:$|[-_.])/i
/** Names that speak of a secret and hold none. */
const harmlessEnd = /(?:names?|refs?|seconds|policy|types?|kinds?|ttl|expires?(?:at)?)$/i

/** Whether what stands under this name is to be taken for a secret. */
export const namesSecret = (name: string): boolean => secretName.test(name) && !harmlessEnd.test(name)

const assigned =
  /((?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|credentials?)["']?\s*(?:=|:|\s)\s*)("[^"]*"|'[^']*'|[^\s"',;&]+)/gi
/** A whole Secret on one line, as in manifests that are written into an application. */
const aSecret = /\bkind["']?\s*:\s*["']?Secret\b/
const inAddress = /(\/\/[^\s/:@]*:)[^\s/@]+@/g
/** PEM, JSON Web Tokens, and our own tokens. */
const recognised = /-----BEGIN [A-Z ]+-----|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bfl[oka]_[\w-]{16,}(?:\.[\w-]*)?/g

/** A text of one line for people who may not know what is secret in it; a long one, or one of several lines, not at all. */
export function maskText(text: string): string {
  if (text.length > longestText || text.includes('\n')) return `(text, ${text.length} characters)`
  if (aSecret.test(text)) return hidden
  return text
    .replace(recognised, hidden)
    .replace(inAddress, `$1${hidden}@`)
    .replace(assigned, (_whole, before: string) => `${before}${hidden}`)
}
