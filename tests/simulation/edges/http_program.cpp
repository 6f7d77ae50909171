#include "tests/simulation/edges/http_program.hpp"

#include <algorithm>

namespace parley::simulation {

namespace {

constexpr std::int64_t patience_ms = 8'000;

bool is_final(const wire::op_reply& reply) {
    return reply.outcome == outcome::committed || reply.outcome == outcome::rejected;
}

}  // namespace

const http_programs::call& http_programs::ask(const person& author, const wire::op& op, std::uint64_t number,
                                              bool twice) {
    auto made = std::make_unique<call>();
    made->author = &author;
    made->op = op;
    made->number = number;
    calls_.push_back(std::move(made));
    send(*calls_.back(), twice);
    return *calls_.back();
}

bool http_programs::quiet() const {
    return under_way_ == 0 &&
           std::all_of(calls_.begin(), calls_.end(), [](const auto& one) { return one->answered; });
}

/// Each try with the same key, until there is an answer that is one.
void http_programs::send(call& one, bool twice) {
    auto chance = around_.chance_of(stream::program, one.number * 1000 + one.tries++);
    const auto latency_ms = around_.rate.network.latency_ms;
    const auto wait_ms = patience_ms / 4 + chance.upto(patience_ms);
    for (int copy = 0; copy < (twice && !around_.healing ? 2 : 1); ++copy) {
        const bool lost = !around_.healing && chance.one_in(8);
        const auto answer_ms = lost ? -1 : chance.upto(latency_ms);
        // A copy may stand in some proxy for a long time.
        const auto late_ms = copy == 0 ? 0 : chance.upto(chance.one_in(2) ? 20'000 : 500);
        ++under_way_;
        around_.clock.after(late_ms + chance.upto(latency_ms), [this, call = &one, answer_ms] {
            --under_way_;
            arrive(*call, answer_ms);
        });
    }
    around_.clock.after(wait_ms, [this, call = &one, twice] {
        if (!call->answered) send(*call, twice);
    });
}

void http_programs::arrive(call& one, std::int64_t answer_ms) {
    server_.post(*one.author, one.op, [this, call = &one, answer_ms](const answer_http& answer) {
        all_.tell([&](witness& w) { w.answered(call->author->user, answer.reply); });
        if (answer_ms >= 0) around_.clock.after(answer_ms, [this, call, answer] { hear(*call, answer); });
    });
}

void http_programs::hear(call& one, const answer_http& answer) {
    around_.say("http", one.author->name + "'s " + to_text(one.op.id).substr(21) + " outcome " +
                            std::to_string(static_cast<int>(answer.reply.outcome)) + " " +
                            std::string(name_of(answer.reply.code)));
    if (!is_final(answer.reply)) return;
    // Where there is no room there is no place for a void: such a refusal binds no other copy (L8).
    const bool binding =
        one.answered && one.verdict.code != errc::no_such_room && answer.reply.code != errc::no_such_room;
    const auto took_effect = [](const wire::op_reply& reply) {
        return reply.outcome == outcome::committed && reply.kind != change_kind::nothing;
    };
    require(!binding || server_.store().restores() > 0 || one.op.kind != change_kind::message ||
                took_effect(answer.reply) == took_effect(one.verdict),
            "L7 idempotence", "a key was answered with two verdicts: " + to_text(one.op.id));
    if (one.answered) return;
    one.answered = true;
    one.verdict = answer.reply;
}

}  // namespace parley::simulation
