import type { Dictionary } from '../en.ts'

export const password: Dictionary['password'] = {
  title: '设置你自己的密码',
  lead: '你使用的是他人为你设置的密码。',
  current: '当前密码',
  next: '新密码',
  nextHint: '至少 12 个字符',
  again: '再次输入新密码',
  differ: '两次输入不一致',
  short: '至少需要 12 个字符',
  submit: '修改密码',
}
