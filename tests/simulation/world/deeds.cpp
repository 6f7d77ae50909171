#include "tests/simulation/world/world.hpp"

#include <algorithm>

/// What people and programs do.
namespace parley::simulation {

void world::act(const step& one) {
    auto chance = around_.chance_of(stream::step, one.index);
    around_.say("#" + std::to_string(one.index), std::string(name_of(one.what)));
    if (one.what >= first_fault) all_.tell([&](witness& w) { w.struck(one.what); });
    static_cast<void>(speak(one.what, chance) || move_about(one.what, chance) ||
                      ask_programs(one.what, chance) || break_network(one.what, chance) ||
                      break_device(one.what, chance) || break_server(one.what, chance) ||
                      take_rights(one.what, chance));
}

tab* world::any_tab(dice& chance) const {
    std::vector<tab*> able;
    for (const auto& one : stage_.tabs)
        if (one->works() && !one->asleep()) able.push_back(one.get());
    return able.empty() ? nullptr : chance.any_of(able);
}

tab* world::any_linked(dice& chance) const {
    std::vector<tab*> able;
    for (const auto& one : stage_.tabs)
        if (one->connection()) able.push_back(one.get());
    return able.empty() ? nullptr : chance.any_of(able);
}

device* world::any_device(dice& chance) const {
    return stage_.devices.empty() ? nullptr : stage_.devices[chance.below(stage_.devices.size())].get();
}

room_id world::room_for(tab& who, dice& chance) const {
    if (who.shown().is_zero() || chance.one_in(4)) return stage_.rooms[chance.below(stage_.rooms.size())];
    return who.shown();
}

/// Each says its number, so that a lost one is recognised, and some are long.
std::string world::words(dice& chance) {
    auto text = "words " + std::to_string(++spoken_);
    const auto longest = around_.rate.speech.longest_bytes;
    if (longest > 30 && chance.one_in(2)) text.resize(text.size() + 1 + chance.below(longest), '.');
    return text;
}

bool world::speak(deed what, dice& chance) {
    auto* const who = what <= deed::probe ? any_tab(chance) : nullptr;
    if (!who) return what <= deed::probe;
    const auto room = room_for(*who, chance);
    const auto some_op = [&](auto fits, intended::what wish) {
        std::vector<row_view> able;
        for (const auto& op : who->core().outbox())
            if (fits(op)) able.push_back(op);
        if (!able.empty()) who->with_op(wish, chance.any_of(able));
    };
    const auto is_message = [](const row_view& op) { return op.kind == change_kind::message; };
    const auto failed = [](const row_view& op) { return op.state == op_state::failed; };
    switch (what) {
    case deed::say: who->say(room, words(chance)); break;
    case deed::burst:
        for (auto left = 2 + chance.below(around_.rate.speech.burst); left > 0; --left)
            who->say(room, words(chance));
        break;
    case deed::join: who->join(room); break;
    case deed::join_and_say:
        who->join(room);
        who->say(room, words(chance));
        break;
    case deed::leave: who->leave(room); break;
    case deed::create_and_say: {
        if (stage_.rooms.size() >= 60) break;
        const auto made = who->create("room " + std::to_string(stage_.rooms.size()));
        if (made.is_zero()) break;
        stage_.rooms.push_back(made);
        if (chance.one_in(2)) who->say(made, words(chance));
        break;
    }
    case deed::show_room: who->show(stage_.rooms[chance.below(stage_.rooms.size())]); break;
    case deed::save_draft: who->draft(room, words(chance)); break;
    case deed::discard: some_op(is_message, intended::what::discard_op); break;
    case deed::retry: some_op(chance.one_in(3) ? is_message : failed, intended::what::retry_op); break;
    case deed::copy_back: some_op(is_message, intended::what::copy_back); break;
    case deed::load_older: who->ask(intended::what::load_older, room); break;
    case deed::mark_read: who->ask(intended::what::mark_read, room); break;
    case deed::browse:
        who->ask(intended::what::list_rooms, {});
        who->ask(intended::what::list_members, room);
        break;
    case deed::probe:
        who->tell(page_shown{false});
        who->tell(page_shown{true});
        if (chance.one_in(2)) who->ask(intended::what::retry_now, {});
        break;
    default: break;
    }
    return true;
}

bool world::move_about(deed what, dice& chance) {
    switch (what) {
    case deed::open_tab:
        if (stage_.tabs.size() < 250)
            if (auto* home = any_device(chance)) open_tab(*home, {});
        return true;
    case deed::open_device:
        if (stage_.devices.size() < 250) {
            auto& home = make_device(*stage_.people[chance.below(stage_.people.size())]);
            open_tab(home, {});
        }
        return true;
    case deed::close_tab:
        if (auto* who = stage_.tabs.size() > 1 ? any_tab(chance) : nullptr)
            end_tab(*who, end_of_life::closed);
        return true;
    case deed::reload_tab:
        if (auto* who = any_tab(chance)) {
            auto& home = who->home();
            const auto outbox = who->outbox();
            end_tab(*who, end_of_life::closed);
            open_tab(home, outbox);
        }
        return true;
    default: return false;
    }
}

bool world::ask_programs(deed what, dice& chance) {
    if (what < deed::post || what > deed::http_create) return false;
    const auto& who = *stage_.people[chance.below(stage_.people.size())];
    wire::op op;
    op.id = op_id{chance.source().make_id(stage_.server->clock().now().wall_ms)};
    op.room = stage_.rooms[chance.below(stage_.rooms.size())];
    switch (what) {
    case deed::http_join: op.kind = change_kind::join; break;
    case deed::http_leave: op.kind = change_kind::leave; break;
    case deed::http_create:
        if (stage_.rooms.size() >= 60) return true;
        op.kind = change_kind::create;
        op.room = room_id{chance.source().make_id(around_.wall_start_ms)};
        op.name = "room " + std::to_string(stage_.rooms.size());
        stage_.rooms.push_back(op.room);
        break;
    default: op.text = words(chance);
    }
    op.again = op.kind == change_kind::message || op.kind == change_kind::create;  // they carry a key
    stage_.programs->ask(who, op, ++calls_, what == deed::post_twice);
    return true;
}

}  // namespace parley::simulation
