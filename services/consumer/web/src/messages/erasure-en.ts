/** Words for having everything about oneself erased. */
export const erasureEn = {
  eraseTitle: 'Have everything about me erased',
  eraseWhy: 'You can have erased what this portal and the bureaus keep about you. See first what it means.',
  eraseChoose: 'See what erasing means',
  eraseBack: 'Back',
  eraseNext: 'Go on',
  eraseAtOnce: 'At once',
  eraseNothingGranted:
    'Nobody is given your credit information any more, for any purpose; you get no own report either.',
  eraseRevoked: 'All your permissions are withdrawn, and do not come back.',
  eraseWithdrawable:
    'Until the end you can take this back at any time. The freeze stays then, and you can lift it.',
  eraseDue: 'The law has it kept until {date}; after that it is erased',
  eraseKept: '{what}: kept until {date} ({law})',
  eraseKept_accesses: 'Who has looked',
  eraseKept_consents: 'Permissions and what proves them',
  eraseKept_disputes: 'Disputes and their answers',
  eraseKept_adverse_information: 'Adverse information at the bureaus',
  eraseAfter: 'At the end',
  eraseKeys:
    'This portal and every bureau destroy your keys and delete your data; backups cannot be read then.',
  eraseLenders: 'Whoever was given a report keeps their copy for as long as your permission to them says.',
  eraseRead: 'I have read what this means',
  eraseFinalTitle: 'Last step',
  eraseFinal: 'You sign in once more. When that is done, all use of your information stops.',
  eraseNow: 'Sign in and have me erased',
  eraseRestricted: 'Since {date} your information is stored and nothing else',
  eraseUnderWay: 'Your keys are being destroyed',
  eraseConfirmed: 'Have confirmed that they stopped: {nodes}',
  eraseWaiting: 'Not confirmed as erased yet: {nodes}',
  eraseWithdrawHint: 'You stay frozen then, and withdrawn permissions do not come back.',
  eraseWithdraw: 'Take this back',
};
