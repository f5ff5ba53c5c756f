// Written by Scripts/embed-web.
#include "web_pages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page_0[] = {
#embed "../../../Web/app/app.js"
};
static const unsigned char page_1[] = {
#embed "../../../Web/app/elements/ask.js"
};
static const unsigned char page_2[] = {
#embed "../../../Web/app/elements/banner.js"
};
static const unsigned char page_3[] = {
#embed "../../../Web/app/elements/chips.js"
};
static const unsigned char page_4[] = {
#embed "../../../Web/app/elements/countdown.js"
};
static const unsigned char page_5[] = {
#embed "../../../Web/app/elements/game-card.js"
};
static const unsigned char page_6[] = {
#embed "../../../Web/app/elements/header.js"
};
static const unsigned char page_7[] = {
#embed "../../../Web/app/elements/seat-button.js"
};
static const unsigned char page_8[] = {
#embed "../../../Web/app/elements/states.js"
};
static const unsigned char page_9[] = {
#embed "../../../Web/app/elements/toasts.js"
};
static const unsigned char page_10[] = {
#embed "../../../Web/app/elements/wheel.js"
};
static const unsigned char page_11[] = {
#embed "../../../Web/app/focus.js"
};
static const unsigned char page_12[] = {
#embed "../../../Web/app/games/calendar-file.js"
};
static const unsigned char page_13[] = {
#embed "../../../Web/app/games/changes.js"
};
static const unsigned char page_14[] = {
#embed "../../../Web/app/games/game-form.js"
};
static const unsigned char page_15[] = {
#embed "../../../Web/app/games/kept-draft.js"
};
static const unsigned char page_16[] = {
#embed "../../../Web/app/games/list-view.js"
};
static const unsigned char page_17[] = {
#embed "../../../Web/app/games/live-games.js"
};
static const unsigned char page_18[] = {
#embed "../../../Web/app/games/merge.js"
};
static const unsigned char page_19[] = {
#embed "../../../Web/app/games/place-picker.js"
};
static const unsigned char page_20[] = {
#embed "../../../Web/app/games/seats.js"
};
static const unsigned char page_21[] = {
#embed "../../../Web/app/games/status.js"
};
static const unsigned char page_22[] = {
#embed "../../../Web/app/index.html"
};
static const unsigned char page_23[] = {
#embed "../../../Web/app/main.js"
};
static const unsigned char page_24[] = {
#embed "../../../Web/app/pages/account.js"
};
static const unsigned char page_25[] = {
#embed "../../../Web/app/pages/browse.js"
};
static const unsigned char page_26[] = {
#embed "../../../Web/app/pages/conflict.js"
};
static const unsigned char page_27[] = {
#embed "../../../Web/app/pages/details.js"
};
static const unsigned char page_28[] = {
#embed "../../../Web/app/pages/edit.js"
};
static const unsigned char page_29[] = {
#embed "../../../Web/app/pages/mine.js"
};
static const unsigned char page_30[] = {
#embed "../../../Web/app/pages/not-found.js"
};
static const unsigned char page_31[] = {
#embed "../../../Web/app/pages/sign-in.js"
};
static const unsigned char page_32[] = {
#embed "../../../Web/app/router.js"
};
static const unsigned char page_33[] = {
#embed "../../../Web/app/routes.js"
};
static const unsigned char page_34[] = {
#embed "../../../Web/app/server.js"
};
static const unsigned char page_35[] = {
#embed "../../../Web/app/session.js"
};
static const unsigned char page_36[] = {
#embed "../../../Web/app/styles/account.css"
};
static const unsigned char page_37[] = {
#embed "../../../Web/app/styles/app.css"
};
static const unsigned char page_38[] = {
#embed "../../../Web/app/styles/card.css"
};
static const unsigned char page_39[] = {
#embed "../../../Web/app/styles/form.css"
};
static const unsigned char page_40[] = {
#embed "../../../Web/app/styles/layout.css"
};
static const unsigned char page_41[] = {
#embed "../../../Web/app/styles/motion.css"
};
static const unsigned char page_42[] = {
#embed "../../../Web/app/styles/parts.css"
};
static const unsigned char page_43[] = {
#embed "../../../Web/app/styles/sheet.css"
};
static const unsigned char page_44[] = {
#embed "../../../Web/app/time.js"
};
static const unsigned char page_45[] = {
#embed "../../../Web/app/types.js"
};
static const unsigned char page_46[] = {
#embed "../../../Web/demo/demo.css"
};
static const unsigned char page_47[] = {
#embed "../../../Web/demo/demo.js"
};
static const unsigned char page_48[] = {
#embed "../../../Web/demo/index.html"
};
static const unsigned char page_49[] = {
#embed "../../../Web/nommie/built-from.json"
};
static const unsigned char page_50[] = {
#embed "../../../Web/nommie/bytes.js"
};
static const unsigned char page_51[] = {
#embed "../../../Web/nommie/elements/card.js"
};
static const unsigned char page_52[] = {
#embed "../../../Web/nommie/elements/choices.js"
};
static const unsigned char page_53[] = {
#embed "../../../Web/nommie/elements/hand.js"
};
static const unsigned char page_54[] = {
#embed "../../../Web/nommie/elements/log.js"
};
static const unsigned char page_55[] = {
#embed "../../../Web/nommie/elements/result.js"
};
static const unsigned char page_56[] = {
#embed "../../../Web/nommie/elements/roving.js"
};
static const unsigned char page_57[] = {
#embed "../../../Web/nommie/elements/score-sheet.js"
};
static const unsigned char page_58[] = {
#embed "../../../Web/nommie/elements/table.js"
};
static const unsigned char page_59[] = {
#embed "../../../Web/nommie/index.html"
};
static const unsigned char page_60[] = {
#embed "../../../Web/nommie/main.js"
};
static const unsigned char page_61[] = {
#embed "../../../Web/nommie/match.js"
};
static const unsigned char page_62[] = {
#embed "../../../Web/nommie/narrator.js"
};
static const unsigned char page_63[] = {
#embed "../../../Web/nommie/nommie.js"
};
static const unsigned char page_64[] = {
#embed "../../../Web/nommie/nommie.wasm"
};
static const unsigned char page_65[] = {
#embed "../../../Web/nommie/saved-game.js"
};
static const unsigned char page_66[] = {
#embed "../../../Web/nommie/start.js"
};
static const unsigned char page_67[] = {
#embed "../../../Web/nommie/styles/cards.css"
};
static const unsigned char page_68[] = {
#embed "../../../Web/nommie/styles/nommie.css"
};
static const unsigned char page_69[] = {
#embed "../../../Web/nommie/styles/sheet.css"
};
static const unsigned char page_70[] = {
#embed "../../../Web/nommie/styles/table.css"
};
static const unsigned char page_71[] = {
#embed "../../../Web/nommie/table-page.js"
};
static const unsigned char page_72[] = {
#embed "../../../Web/nommie/thinker-worker.js"
};
static const unsigned char page_73[] = {
#embed "../../../Web/nommie/thinker.js"
};
static const unsigned char page_74[] = {
#embed "../../../Web/nommie/types.js"
};
static const unsigned char page_75[] = {
#embed "../../../Web/nommie/view.js"
};
static const unsigned char page_76[] = {
#embed "../../../Web/nommie/words.js"
};
static const unsigned char page_77[] = {
#embed "../../../Web/sandbox/chat.css"
};
static const unsigned char page_78[] = {
#embed "../../../Web/sandbox/chat.js"
};
static const unsigned char page_79[] = {
#embed "../../../Web/sandbox/composer.js"
};
static const unsigned char page_80[] = {
#embed "../../../Web/sandbox/consent.css"
};
static const unsigned char page_81[] = {
#embed "../../../Web/sandbox/favicon.svg"
};
static const unsigned char page_82[] = {
#embed "../../../Web/sandbox/fill.js"
};
static const unsigned char page_83[] = {
#embed "../../../Web/sandbox/form.js"
};
static const unsigned char page_84[] = {
#embed "../../../Web/sandbox/index.html"
};
static const unsigned char page_85[] = {
#embed "../../../Web/sandbox/markdown.js"
};
static const unsigned char page_86[] = {
#embed "../../../Web/sandbox/message.js"
};
static const unsigned char page_87[] = {
#embed "../../../Web/sandbox/store.js"
};
static const unsigned char page_88[] = {
#embed "../../../Web/sandbox/world-view.js"
};
static const unsigned char page_89[] = {
#embed "../../../Web/sdk/backoff.js"
};
static const unsigned char page_90[] = {
#embed "../../../Web/sdk/channel.js"
};
static const unsigned char page_91[] = {
#embed "../../../Web/sdk/client.js"
};
static const unsigned char page_92[] = {
#embed "../../../Web/sdk/clock.js"
};
static const unsigned char page_93[] = {
#embed "../../../Web/sdk/collection.js"
};
static const unsigned char page_94[] = {
#embed "../../../Web/sdk/commands.js"
};
static const unsigned char page_95[] = {
#embed "../../../Web/sdk/connection.js"
};
static const unsigned char page_96[] = {
#embed "../../../Web/sdk/crowd.js"
};
static const unsigned char page_97[] = {
#embed "../../../Web/sdk/cursor.js"
};
static const unsigned char page_98[] = {
#embed "../../../Web/sdk/index.js"
};
static const unsigned char page_99[] = {
#embed "../../../Web/sdk/json.js"
};
static const unsigned char page_100[] = {
#embed "../../../Web/sdk/page-signals.js"
};
static const unsigned char page_101[] = {
#embed "../../../Web/sdk/recent-events.js"
};
static const unsigned char page_102[] = {
#embed "../../../Web/sdk/request.js"
};
static const unsigned char page_103[] = {
#embed "../../../Web/sdk/shared-stream.js"
};
static const unsigned char page_104[] = {
#embed "../../../Web/sdk/sharing.js"
};
static const unsigned char page_105[] = {
#embed "../../../Web/sdk/sse-parser.js"
};
static const unsigned char page_106[] = {
#embed "../../../Web/sdk/subscription.js"
};
static const unsigned char page_107[] = {
#embed "../../../Web/sdk/transport-choice.js"
};
static const unsigned char page_108[] = {
#embed "../../../Web/sdk/transport.js"
};
static const unsigned char page_109[] = {
#embed "../../../Web/sdk/web-socket.js"
};
static const unsigned char page_110[] = {
#embed "../../../Web/shared/assets/favicon.svg"
};
static const unsigned char page_111[] = {
#embed "../../../Web/shared/assets/logo.svg"
};
static const unsigned char page_112[] = {
#embed "../../../Web/shared/avatar.js"
};
static const unsigned char page_113[] = {
#embed "../../../Web/shared/dom.js"
};
static const unsigned char page_114[] = {
#embed "../../../Web/shared/icons.js"
};
static const unsigned char page_115[] = {
#embed "../../../Web/shared/pause.js"
};
static const unsigned char page_116[] = {
#embed "../../../Web/shared/storage.js"
};
static const unsigned char page_117[] = {
#embed "../../../Web/shared/styles/base.css"
};
static const unsigned char page_118[] = {
#embed "../../../Web/shared/styles/frame.css"
};
static const unsigned char page_119[] = {
#embed "../../../Web/shared/styles/parts.css"
};
static const unsigned char page_120[] = {
#embed "../../../Web/shared/styles/shared.css"
};
static const unsigned char page_121[] = {
#embed "../../../Web/shared/styles/tokens.css"
};
static const unsigned char page_122[] = {
#embed "../../../Web/shared/theme-button.js"
};
static const unsigned char page_123[] = {
#embed "../../../Web/shared/theme.js"
};
static const unsigned char page_124[] = {
#embed "../../../Web/shared/ticker.js"
};

static const struct tandem_web_page pages[] = {
    {"app/app.js", page_0, sizeof page_0},
    {"app/elements/ask.js", page_1, sizeof page_1},
    {"app/elements/banner.js", page_2, sizeof page_2},
    {"app/elements/chips.js", page_3, sizeof page_3},
    {"app/elements/countdown.js", page_4, sizeof page_4},
    {"app/elements/game-card.js", page_5, sizeof page_5},
    {"app/elements/header.js", page_6, sizeof page_6},
    {"app/elements/seat-button.js", page_7, sizeof page_7},
    {"app/elements/states.js", page_8, sizeof page_8},
    {"app/elements/toasts.js", page_9, sizeof page_9},
    {"app/elements/wheel.js", page_10, sizeof page_10},
    {"app/focus.js", page_11, sizeof page_11},
    {"app/games/calendar-file.js", page_12, sizeof page_12},
    {"app/games/changes.js", page_13, sizeof page_13},
    {"app/games/game-form.js", page_14, sizeof page_14},
    {"app/games/kept-draft.js", page_15, sizeof page_15},
    {"app/games/list-view.js", page_16, sizeof page_16},
    {"app/games/live-games.js", page_17, sizeof page_17},
    {"app/games/merge.js", page_18, sizeof page_18},
    {"app/games/place-picker.js", page_19, sizeof page_19},
    {"app/games/seats.js", page_20, sizeof page_20},
    {"app/games/status.js", page_21, sizeof page_21},
    {"app/index.html", page_22, sizeof page_22},
    {"app/main.js", page_23, sizeof page_23},
    {"app/pages/account.js", page_24, sizeof page_24},
    {"app/pages/browse.js", page_25, sizeof page_25},
    {"app/pages/conflict.js", page_26, sizeof page_26},
    {"app/pages/details.js", page_27, sizeof page_27},
    {"app/pages/edit.js", page_28, sizeof page_28},
    {"app/pages/mine.js", page_29, sizeof page_29},
    {"app/pages/not-found.js", page_30, sizeof page_30},
    {"app/pages/sign-in.js", page_31, sizeof page_31},
    {"app/router.js", page_32, sizeof page_32},
    {"app/routes.js", page_33, sizeof page_33},
    {"app/server.js", page_34, sizeof page_34},
    {"app/session.js", page_35, sizeof page_35},
    {"app/styles/account.css", page_36, sizeof page_36},
    {"app/styles/app.css", page_37, sizeof page_37},
    {"app/styles/card.css", page_38, sizeof page_38},
    {"app/styles/form.css", page_39, sizeof page_39},
    {"app/styles/layout.css", page_40, sizeof page_40},
    {"app/styles/motion.css", page_41, sizeof page_41},
    {"app/styles/parts.css", page_42, sizeof page_42},
    {"app/styles/sheet.css", page_43, sizeof page_43},
    {"app/time.js", page_44, sizeof page_44},
    {"app/types.js", page_45, sizeof page_45},
    {"demo/demo.css", page_46, sizeof page_46},
    {"demo/demo.js", page_47, sizeof page_47},
    {"demo/index.html", page_48, sizeof page_48},
    {"nommie/built-from.json", page_49, sizeof page_49},
    {"nommie/bytes.js", page_50, sizeof page_50},
    {"nommie/elements/card.js", page_51, sizeof page_51},
    {"nommie/elements/choices.js", page_52, sizeof page_52},
    {"nommie/elements/hand.js", page_53, sizeof page_53},
    {"nommie/elements/log.js", page_54, sizeof page_54},
    {"nommie/elements/result.js", page_55, sizeof page_55},
    {"nommie/elements/roving.js", page_56, sizeof page_56},
    {"nommie/elements/score-sheet.js", page_57, sizeof page_57},
    {"nommie/elements/table.js", page_58, sizeof page_58},
    {"nommie/index.html", page_59, sizeof page_59},
    {"nommie/main.js", page_60, sizeof page_60},
    {"nommie/match.js", page_61, sizeof page_61},
    {"nommie/narrator.js", page_62, sizeof page_62},
    {"nommie/nommie.js", page_63, sizeof page_63},
    {"nommie/nommie.wasm", page_64, sizeof page_64},
    {"nommie/saved-game.js", page_65, sizeof page_65},
    {"nommie/start.js", page_66, sizeof page_66},
    {"nommie/styles/cards.css", page_67, sizeof page_67},
    {"nommie/styles/nommie.css", page_68, sizeof page_68},
    {"nommie/styles/sheet.css", page_69, sizeof page_69},
    {"nommie/styles/table.css", page_70, sizeof page_70},
    {"nommie/table-page.js", page_71, sizeof page_71},
    {"nommie/thinker-worker.js", page_72, sizeof page_72},
    {"nommie/thinker.js", page_73, sizeof page_73},
    {"nommie/types.js", page_74, sizeof page_74},
    {"nommie/view.js", page_75, sizeof page_75},
    {"nommie/words.js", page_76, sizeof page_76},
    {"sandbox/chat.css", page_77, sizeof page_77},
    {"sandbox/chat.js", page_78, sizeof page_78},
    {"sandbox/composer.js", page_79, sizeof page_79},
    {"sandbox/consent.css", page_80, sizeof page_80},
    {"sandbox/favicon.svg", page_81, sizeof page_81},
    {"sandbox/fill.js", page_82, sizeof page_82},
    {"sandbox/form.js", page_83, sizeof page_83},
    {"sandbox/index.html", page_84, sizeof page_84},
    {"sandbox/markdown.js", page_85, sizeof page_85},
    {"sandbox/message.js", page_86, sizeof page_86},
    {"sandbox/store.js", page_87, sizeof page_87},
    {"sandbox/world-view.js", page_88, sizeof page_88},
    {"sdk/backoff.js", page_89, sizeof page_89},
    {"sdk/channel.js", page_90, sizeof page_90},
    {"sdk/client.js", page_91, sizeof page_91},
    {"sdk/clock.js", page_92, sizeof page_92},
    {"sdk/collection.js", page_93, sizeof page_93},
    {"sdk/commands.js", page_94, sizeof page_94},
    {"sdk/connection.js", page_95, sizeof page_95},
    {"sdk/crowd.js", page_96, sizeof page_96},
    {"sdk/cursor.js", page_97, sizeof page_97},
    {"sdk/index.js", page_98, sizeof page_98},
    {"sdk/json.js", page_99, sizeof page_99},
    {"sdk/page-signals.js", page_100, sizeof page_100},
    {"sdk/recent-events.js", page_101, sizeof page_101},
    {"sdk/request.js", page_102, sizeof page_102},
    {"sdk/shared-stream.js", page_103, sizeof page_103},
    {"sdk/sharing.js", page_104, sizeof page_104},
    {"sdk/sse-parser.js", page_105, sizeof page_105},
    {"sdk/subscription.js", page_106, sizeof page_106},
    {"sdk/transport-choice.js", page_107, sizeof page_107},
    {"sdk/transport.js", page_108, sizeof page_108},
    {"sdk/web-socket.js", page_109, sizeof page_109},
    {"shared/assets/favicon.svg", page_110, sizeof page_110},
    {"shared/assets/logo.svg", page_111, sizeof page_111},
    {"shared/avatar.js", page_112, sizeof page_112},
    {"shared/dom.js", page_113, sizeof page_113},
    {"shared/icons.js", page_114, sizeof page_114},
    {"shared/pause.js", page_115, sizeof page_115},
    {"shared/storage.js", page_116, sizeof page_116},
    {"shared/styles/base.css", page_117, sizeof page_117},
    {"shared/styles/frame.css", page_118, sizeof page_118},
    {"shared/styles/parts.css", page_119, sizeof page_119},
    {"shared/styles/shared.css", page_120, sizeof page_120},
    {"shared/styles/tokens.css", page_121, sizeof page_121},
    {"shared/theme-button.js", page_122, sizeof page_122},
    {"shared/theme.js", page_123, sizeof page_123},
    {"shared/ticker.js", page_124, sizeof page_124},
};

const struct tandem_web_page *tandem_web_pages(void) { return pages; }

size_t tandem_web_page_count(void) { return sizeof pages / sizeof pages[0]; }
