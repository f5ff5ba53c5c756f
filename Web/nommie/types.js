/**
 * The inputs and outputs of the elements. They know no rules: a view contains everything, and the user's actions are validated
 * elsewhere. A card is rank and suit, such as `AS` or `TD`; a seat is a number from 0 to 3.
 *
 * @typedef {'C' | 'D' | 'H' | 'S'} Suit
 * @typedef {Suit | 'NO_TRUMPS'} Trump
 * @typedef {'BIDDING' | 'TRUMP_SELECTION' | 'TRICK_PLAY' | 'COMPLETED'} Phase
 *
 * @typedef {{type: 'bid', bid: number}} Bid
 * @typedef {{type: 'trump', trump: Trump}} TrumpChoice
 * @typedef {{type: 'play', card: string}} Play
 * @typedef {Bid | TrumpChoice | Play} Action of the seat whose turn it is
 *
 * @typedef {{seat: number, card: string}} PlayedCard
 * @typedef {{leader: number, cards: PlayedCard[], winner: number}} TakenTrick
 *
 * @typedef {object} ScoredRound
 * @property {number} round from 1
 * @property {number} hand_size
 * @property {Trump} trump
 * @property {number[]} bids by seat
 * @property {number[]} tricks by seat
 * @property {number[]} points by seat
 *
 * @typedef {object} TableView a table as one seat may see it
 * @property {number | null} viewer_seat null for a spectator
 * @property {Phase} phase
 * @property {number} round from 1
 * @property {number} hand_size
 * @property {number} dealer
 * @property {number | null} to_act whose turn it is
 * @property {(number | null)[]} bids by seat
 * @property {number | null} bid_winner
 * @property {Trump | null} trump
 * @property {number[]} tricks_won by seat
 * @property {number[]} scores by seat, of the rounds that are over
 * @property {number} trick_number from 1 in a round's tricks
 * @property {PlayedCard[]} trick the cards on the table, in the order they were played
 * @property {TakenTrick | null} last_trick
 * @property {string[]} hand of the viewer
 * @property {Action[]} legal what the viewer may do now; empty when it isn't their turn
 * @property {ScoredRound[]} history
 *
 * @typedef {object} Player
 * @property {string} name
 * @property {boolean} is_ai
 */

export {};
