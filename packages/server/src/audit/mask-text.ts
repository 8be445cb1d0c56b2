/** What stands where a secret was. */
export const hidden = '(secret)'
/** Longer texts are not kept: what is in them nobody can know. */
const longestText = 200

const secretName =
  /pass(?:word|wd|phrase)|passw|pass$|pwd$|secret|token|credential|kubeconfig|dockerconfig|cookie|authorization|(?:api|access|account|private|shared|signing|encryption)[-_.]?key|webhook(?:[-_.]?(?:url|uri|address))?$|connection[-_.]?string|\.key$|(?:^|[-_.])(?:pass|pwd|pem|auth)(?:$|[-_.])/i
/** Names that speak of a secret and hold none. */
const harmlessEnd = /(?:names?|refs?|seconds|policy|types?|kinds?|ttl|expires?(?:at)?)$/i

/** Whether what stands under this name is to be taken for a secret. */
export const namesSecret = (name: string): boolean => secretName.test(name) && !harmlessEnd.test(name)

/** An option whose value is the next word of a command. */
export const isSecretOption = (word = ''): boolean =>
  word.startsWith('-') && !word.includes('=') && namesSecret(word.replace(/^-+/, ''))

const assigned =
  /((?:pass(?:word|wd|phrase)?|secret|token|(?:api|access|account)[-_]?key|credentials?)["']?\s*(?:=|:|\s)\s*)("[^"]*"|'[^']*'|[^\s"',;&]+)/gi
/** With its scheme: Authorization: Bearer ... */
const asHeader = /\b(authorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?)[^\s"',]+|\b(bearer\s+)[\w.~+/=-]{12,}/gi
/** Whoever knows the address may call it: the webhooks of chats, and links that were signed. */
const inPath =
  /(\/(?:hooks?|services|webhooks?)\/)[\w/-]{16,}|([?&](?:key|code|sig|signature|x-amz-signature)=)[^\s&#"']+/gi
/** A whole Secret on one line, as in manifests that are written into an application. */
const aSecret = /\bkind["']?\s*:\s*["']?Secret\b/
const inAddress = /(\/\/[^\s/:@]*:)[^\s/@]+@/g
/** PEM, JSON Web Tokens, our own tokens, and those of common hosts of code and of chats. */
const recognised =
  /-----BEGIN [A-Z ]+-----|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bfl[ajkopt]_[\w-]{8,}(?:\.[\w-]*)?|\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-)[\w-]{10,}/g

/** A text of one line for people who may not know what is secret in it; a long one, or one of several lines, not at all. */
export function maskText(text: string): string {
  if (text.length > longestText || text.includes('\n')) return `(text, ${text.length} characters)`
  if (aSecret.test(text)) return hidden
  return text
    .replace(recognised, hidden)
    .replace(inAddress, `$1${hidden}@`)
    .replace(asHeader, (_whole, named = '', bare = '') => `${named}${bare}${hidden}`)
    .replace(inPath, (_whole, path = '', query = '') => `${path}${query}${hidden}`)
    .replace(assigned, (_whole, before: string) => `${before}${hidden}`)
}
