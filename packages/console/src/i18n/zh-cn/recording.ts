import type { Dictionary } from '../en.ts'

export const recording: Dictionary['recording'] = {
  title: 'Shell 录像',
  open: '播放录像',
  play: '播放',
  pause: '暂停',
  position: '位置',
  speed: '速度',
  screen: 'Shell 显示的内容',
  pauses: '停顿最多显示两秒。如果录制了输入内容，只能在下载的文件中查看。',
  download: '下载（asciicast）',
  field: 'Shell 录制',
  what: { Never: '不录制', Output: '显示的内容', OutputAndInput: '显示的内容和输入的内容' },
  hints: {
    project: {
      Never: '工作空间或平台的要求仍然有效。',
      Output: '能查看项目审计的人可以播放；打开 Shell 时会告知使用者。',
      OutputAndInput: '其中会包含输入的密码。打开 Shell 时会告知使用者。',
    },
    workspace: {
      Never: '平台的要求仍然有效，项目也可以要求录制更多内容。',
      Output: '对其所有项目生效。能查看项目或工作空间审计的人可以播放；打开 Shell 时会告知使用者。',
      OutputAndInput: '对其所有项目生效。其中会包含输入的密码。打开 Shell 时会告知使用者。',
    },
  },
}
