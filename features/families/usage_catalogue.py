"""What the usage features are called, what they mean, and how they are said."""

from __future__ import annotations

from rind.features.catalogue import Feature

FEATURES: tuple[Feature, ...] = (
    Feature(
        "usage__events__7d", "Uses of the product in the last 7 days", "count", 0,
        "{usage__events__7d} uses of the product in the last 7 days",
        when_zero="the product was not used in the last 7 days",
    ),
    Feature(
        "usage__events__28d", "Uses of the product in the last four weeks", "count", 0,
        "uses of the product in four weeks {change:usage__events_before__28d:usage__events__28d}",
        when_zero="the product was not used in the last four weeks",
    ),
    Feature(
        "usage__events__91d", "Uses of the product in the last 13 weeks", "count", 0,
        "{usage__events__91d} uses of the product in the last 13 weeks",
        when_zero="the product was not used in the last 13 weeks",
    ),
    Feature(
        "usage__events_before__28d", "Uses of the product in the four weeks before the last four", "count", 0,
        "uses of the product in four weeks {change:usage__events_before__28d:usage__events__28d}",
    ),
    Feature(
        "usage__events_change__28d", "Change of use, last four weeks against the four before (-1 to 1)", "ratio", -1,
        "uses of the product in four weeks {change:usage__events_before__28d:usage__events__28d}",
        when_missing="the product was not used in the last eight weeks",
    ),
    Feature(
        "usage__events_change__91d", "Change of use, last 13 weeks against the 13 before (-1 to 1)", "balance", -1,
        "use of the product in 13 weeks went {usage__events_change__91d} against the 13 weeks before",
        when_zero="use was the same in the last 13 weeks as in the 13 before",
        when_missing="the product was not used in the last half year",
    ),
    Feature(
        "usage__events_vs_best__28d", "Pace of use in the last four weeks, as share of the best 13 weeks' so far",
        "share", -1, "use in the last four weeks ran at {usage__events_vs_best__28d} of its best quarter's pace",
        when_zero="no use in the last four weeks, which is 0 % of its best quarter's pace",
        when_missing="the product has never been used",
    ),
    Feature(
        "usage__events_slope__84d", "Weekly trend of use over 12 weeks, as share of its mean", "share", -1,
        "use of the product went {moved:usage__events_slope__84d} a week over twelve weeks",
        when_zero="use shows no trend over twelve weeks",
        when_missing="the product was not used in twelve weeks",
    ),
    Feature(
        "usage__events_per_seat__28d", "Uses of the product per seat in the last four weeks", "ratio", -1,
        "{usage__events_per_seat__28d} uses per seat in the last four weeks",
        when_zero="the product was not used in the last four weeks",
        when_missing="the number of seats is not known",
    ),
    Feature(
        "usage__active_users__7d", "Users active in the last 7 days", "count", 0,
        "{usage__active_users__7d} users were active in the last 7 days",
        when_zero="no user was active in the last 7 days", when_missing="use does not name the users",
    ),
    Feature(
        "usage__active_users__28d", "Users active in the last four weeks", "count", 0,
        "active users {change:usage__active_users_before__28d:usage__active_users__28d} in four weeks",
        when_zero="no user was active in the last four weeks", when_missing="use does not name the users",
    ),
    Feature(
        "usage__active_users__91d", "Users active in the last 13 weeks", "count", 0,
        "{usage__active_users__91d} users were active in the last 13 weeks",
        when_zero="no user was active in the last 13 weeks", when_missing="use does not name the users",
    ),
    Feature(
        "usage__active_users_before__28d", "Users active in the four weeks before the last four", "count", 0,
        "active users {change:usage__active_users_before__28d:usage__active_users__28d} in four weeks",
        when_missing="use does not name the users",
    ),
    Feature(
        "usage__active_users_change__28d", "Change of active users, last four weeks against the four before (-1 to 1)",
        "ratio", -1, "active users {change:usage__active_users_before__28d:usage__active_users__28d} in four weeks",
        when_missing="no user was active in the last eight weeks",
    ),
    Feature(
        "usage__users_vs_best__28d", "Weekly active users, last four weeks, as share of the best 13 weeks' so far",
        "share", -1,
        "the number of people at work each week is at {usage__users_vs_best__28d} of its best quarter",
        when_zero="nobody was at work in the last four weeks, which is 0 % of its best quarter",
        when_one="its user was at work in {usage__users_vs_best__28d} as many weeks as in the best quarter",
        when_missing="no user has ever been active",
    ),
    Feature(
        "usage__users_slope__84d", "Weekly trend of active users over 12 weeks, as share of their mean", "share", -1,
        "the number of active users went {moved:usage__users_slope__84d} a week over twelve weeks",
        when_zero="active users show no trend over twelve weeks",
        when_one="the weeks with its user at work went {moved:usage__users_slope__84d} a week over twelve weeks",
        when_missing="no user was active in twelve weeks",
    ),
    Feature(
        "usage__active_users_per_seat__28d", "Users active in the last four weeks per seat", "share", -1,
        "{usage__active_users__28d} people used the product in four weeks, {usage__active_users_per_seat__28d} "
        "of the seats", when_zero="no seat was used in the last four weeks",
        when_missing="the number of seats in use is not known",
        when_one="its user was at work in the last four weeks, {usage__active_users_per_seat__28d} of the seats",
    ),
    Feature(
        "usage__users_gained__28d", "Users active in the last four weeks but not in the four before", "count", 0,
        "{usage__users_gained__28d} users came or came back in the last four weeks",
        when_zero="no user came or came back in the last four weeks", when_missing="use does not name the users",
    ),
    Feature(
        "usage__users_lost_share__28d", "Share of the users of the four weeks before who were not active since",
        "share", 1, "{usage__users_lost_share__28d} of the {usage__active_users_before__28d} users of the month "
        "before did not come back", when_zero="none of the users of the month before has stayed away",
        when_one="{usage__users_lost_share__28d} of its users of the month before, one person, did not come back",
        when_missing="nobody was active in the month before",
    ),
    Feature(
        "usage__stickiness__28d", "Users active in a mean week, as share of those active in four weeks", "share", 0,
        "in a mean week {usage__stickiness__28d} of the month's users were at work",
        when_missing="no user was active in the last four weeks",
    ),
    Feature(
        "usage__days_per_user__28d", "Days of use per active user in the last four weeks", "days", -1,
        "an active user came on {usage__days_per_user__28d} days in four weeks",
        when_one="its user came on {usage__days_per_user__28d} days in four weeks",
        when_missing="no user was active in the last four weeks",
    ),
    Feature(
        "usage__top_user_share__28d", "Share of all users' days of use that the busiest user made, last four weeks",
        "share", 0, "the busiest user made {usage__top_user_share__28d} of the use in the last four weeks",
        when_missing="no user was active in the last four weeks",
    ),
    Feature(
        "usage__power_users__28d", "Users with use on 8 or more of the last 28 days", "count", 0,
        "{usage__power_users__28d} users worked with the product on two days a week or more",
        when_zero="no user worked with the product on two days a week or more",
        when_missing="use does not name the users",
    ),
    Feature(
        "usage__power_users_gained__28d", "Power users now who were none four weeks ago", "count", 0,
        "{usage__power_users_gained__28d} users began to use the product regularly in the last four weeks",
        when_zero="nobody became a regular user in the last four weeks", when_missing="use does not name the users",
    ),
    Feature(
        "usage__power_users_lost__28d", "Power users of four weeks ago who are none now", "count", 1,
        "{usage__power_users_lost__28d} regular users stopped working with the product regularly",
        when_zero="no regular user was lost in the last four weeks", when_missing="use does not name the users",
        when_one="it lost its one regular user in the last four weeks",
    ),
    Feature(
        "usage__active_days__7d", "Days with use in the last 7 days", "count", 0,
        "the product was used on {usage__active_days__7d} of the last 7 days",
        when_zero="the product was not used in the last 7 days",
    ),
    Feature(
        "usage__active_days__28d", "Days with use in the last four weeks", "count", -1,
        "the product was used on {usage__active_days__28d} of the last 28 days",
        when_zero="the product was used on none of the last 28 days",
    ),
    Feature(
        "usage__active_days__91d", "Days with use in the last 13 weeks", "count", 0,
        "the product was used on {usage__active_days__91d} of the last 91 days",
        when_zero="the product was not used in the last 13 weeks",
    ),
    Feature(
        "usage__active_days_change__28d", "Change of days with use, last four weeks against the four before (-1 to 1)",
        "balance", -1, "days with use went {usage__active_days_change__28d} against the four weeks before",
        when_zero="as many days with use as in the four weeks before",
        when_missing="the product was not used in the last eight weeks",
    ),
    Feature(
        "usage__last_use__now", "Days since the product was last used", "days", 1,
        "the product was last used {usage__last_use__now} days ago",
        when_missing="the product has never been used",
    ),
    Feature(
        "usage__weeks_used__91d", "Share of the last 13 weeks with use", "share", -1,
        "the product was used in {usage__weeks_used__91d} of the last 13 weeks",
        when_zero="the product was used in none of the last 13 weeks",
    ),
    Feature(
        "usage__unsteadiness__91d", "Spread of weekly use over 13 weeks, as multiple of its mean", "ratio", 0,
        "weekly use swings by {usage__unsteadiness__91d} times its mean",
        when_zero="use is the same every week", when_missing="the product was not used in the last 13 weeks",
    ),
    Feature(
        "usage__features__7d", "Distinct features used in the last 7 days", "count", 0,
        "{usage__features__7d} features were used in the last 7 days",
        when_zero="no feature was used in the last 7 days",
    ),
    Feature(
        "usage__features__28d", "Distinct features used in the last four weeks", "count", 0,
        "features in use {change:usage__features_before__28d:usage__features__28d} in four weeks",
        when_zero="no feature was used in the last four weeks",
    ),
    Feature(
        "usage__features__91d", "Distinct features used in the last 13 weeks", "count", -1,
        "{usage__features__91d} features were used in the last 13 weeks",
        when_zero="no feature was used in the last 13 weeks",
    ),
    Feature(
        "usage__features_before__28d", "Distinct features used in the four weeks before the last four", "count", 0,
        "features in use {change:usage__features_before__28d:usage__features__28d} in four weeks",
    ),
    Feature(
        "usage__features_change__28d", "Change of features in use, last four weeks against the four before (-1 to 1)",
        "ratio", -1, "features in use {change:usage__features_before__28d:usage__features__28d} in four weeks",
        when_missing="no feature was used in the last eight weeks",
    ),
    Feature(
        "usage__modules__7d", "Distinct modules used in the last 7 days", "count", 0,
        "{usage__modules__7d} modules were used in the last 7 days",
        when_zero="no module was used in the last 7 days", when_missing="the modules of the product are not known",
    ),
    Feature(
        "usage__modules__28d", "Distinct modules used in the last four weeks", "count", 0,
        "{usage__modules__28d} modules were used in the last four weeks",
        when_zero="no module was used in the last four weeks",
        when_missing="the modules of the product are not known",
    ),
    Feature(
        "usage__modules__91d", "Distinct modules used in the last 13 weeks", "count", -1,
        "{usage__modules__91d} modules were used in the last 13 weeks",
        when_zero="no module was used in the last 13 weeks",
        when_missing="the modules of the product are not known",
    ),
    Feature(
        "usage__modules_change__28d", "Change of modules in use, last four weeks against the four before (-1 to 1)",
        "balance", -1, "modules in use went {usage__modules_change__28d} against the four weeks before",
        when_zero="as many modules in use as in the four weeks before",
        when_missing="no module was used in the last eight weeks",
    ),
    Feature(
        "usage__consumption_gap__91d", "Share of the plan's features that was not used in the last 13 weeks", "share",
        1, "{usage__consumption_gap__91d} of what the plan offers was not used in 13 weeks",
        when_zero="nothing that the plan offers lay unused in 13 weeks",
        when_missing="what the plan offers is not known",
    ),
    Feature(
        "usage__consumption_gap_change__91d", "Change of the consumption gap against 13 weeks earlier, same offer",
        "share", 1, "the share of the plan that lies unused went {moved:usage__consumption_gap_change__91d} "
        "in 13 weeks", when_zero="as much of the plan lies unused as 13 weeks ago",
        when_missing="what the plan offers is not known",
    ),
    Feature(
        "usage__core_share__91d", "Share of the core features (those of the cheapest plan) used in the last 13 weeks",
        "share", -1, "{usage__core_share__91d} of the core features were used in 13 weeks",
        when_zero="no core feature was used in 13 weeks", when_missing="the core features are not known",
    ),
    Feature(
        "usage__advanced_features__91d", "Advanced features (not in the cheapest plan) used in the last 13 weeks",
        "count", -1, "{usage__advanced_features__91d} advanced features were used in 13 weeks",
        when_zero="no advanced feature was used in 13 weeks", when_missing="the product's features are not known",
    ),
    Feature(
        "usage__advanced_share__91d", "Share of advanced features among the features used in the last 13 weeks",
        "share", 0, "{usage__advanced_share__91d} of the features in use are advanced ones",
        when_zero="no advanced feature is in use", when_missing="no feature of the product's list was used",
    ),
)  # fmt: skip
