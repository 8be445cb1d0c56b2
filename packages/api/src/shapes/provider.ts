import { z } from 'zod'
import { SessionView } from './session.ts'

export const SignInWays = z.object({
  password: z.boolean().describe('With a name and a password of Flotilla itself'),
  providers: z.array(
    z.object({
      name: z.string(),
      displayName: z.string().optional(),
      type: z.enum(['oidc', 'oauth2', 'ldap', 'dingtalk', 'feishu', 'wecom']),
      form: z
        .enum(['redirect', 'password'])
        .describe('redirect: the browser goes there. password: name and password are asked here'),
    }),
  ),
})
export type SignInWays = z.infer<typeof SignInWays>

export const SignInBegun = z.object({ url: z.string().describe('Where the browser goes') })

export const SignInAnswer = z.object({
  parameters: z.string().max(8192).describe('What the provider put behind the redirect address, as it came'),
})
export const SignedInThrough = SessionView.extend({ next: z.string().describe('Path of the console to go on to') })

export const ProviderTested = z.object({
  answers: z.boolean(),
  why: z.string().optional(),
  redirectUri: z.string().optional().describe('To be registered at the provider'),
})
