/** Words that every console has, in both languages: its own stand beside them. */
export const staffWordsEn = {
  skip: 'Skip to the content',
  language: 'Language',
  signIn: 'Sign in',
  signOut: 'Sign out',
  who: '{name}, {member}: {roles}',
  loading: 'Loading…',
  retry: 'Try again',
  failed: 'This could not be loaded: {detail}',
  notYours: 'Your role does not cover this page.',
  older: 'Older',
  readsTitle: 'What our own staff looked at',
  noReads: 'Nobody has looked at anything.',
  readWhen: 'When',
  readWho: 'Who',
  readWhat: 'What',
  readAbout: 'About',
};

export type StaffWord = keyof typeof staffWordsEn;

export const staffWordsZh: Record<StaffWord, string> = {
  skip: '跳到正文',
  language: '语言',
  signIn: '登录',
  signOut: '退出',
  who: '{name}，{member}：{roles}',
  loading: '正在加载……',
  retry: '重试',
  failed: '无法加载：{detail}',
  notYours: '您的岗位不包含此页面。',
  older: '更早的记录',
  readsTitle: '本机构人员查看过的内容',
  noReads: '尚无人查看。',
  readWhen: '时间',
  readWho: '人员',
  readWhat: '内容',
  readAbout: '对象',
};
